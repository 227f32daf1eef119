import {
  endStates,
  isBelow,
  isEndState,
  type EndState,
  type IndexPlace,
  type JobRecord,
  type JobRecords,
} from '@glasshouse/fetch-queue';
import type { JobState, JobView } from './job-view.ts';

export interface JobListParts {
  readonly records: Pick<JobRecords, 'page' | 'read'>;
  /** Undefined for a job that the queue has lost. */
  readonly view: (record: JobRecord) => Promise<JobView | undefined>;
}

export interface ListQuery {
  /** A team's id, or `*` for every team's jobs. */
  readonly team: string;
  readonly state: JobState | undefined;
  readonly limit: number;
  /** Only jobs below this one, which a page before ended with. */
  readonly below: IndexPlace | undefined;
}

export interface JobPage {
  readonly jobs: readonly JobView[];
  /** Where the next page goes on; absent after the last. */
  readonly next?: IndexPlace;
}

/** Jobs looked at for one page; the next ones in a rare state may lie beyond. */
const looksMax = 1_000;
const looksAtOnce = 50;

/**
 * A page of jobs, newest first. How a job ended is in the index; what it is before that only the queue knows, so an open job is looked at
 * to see whether it is in the state asked for. A page may be short, or empty, and go on all the same.
 */
export const listJobs = async (
  parts: JobListParts,
  { team, state, limit, below }: ListQuery,
): Promise<JobPage> => {
  const jobs: JobView[] = [];
  const atOnce = Math.max(limit, looksAtOnce);
  let next = below;
  for (let looked = 0; looked < looksMax; looked += atOnce) {
    const places = await newest(parts.records, team, indexesOf(state), {
      below: next,
      limit: atOnce,
    });
    for (const [index, job] of (await lookAt(parts, places)).entries()) {
      next = places[index];
      if (job && (state === undefined || job.state === state)) jobs.push(job);
      if (jobs.length === limit) return { jobs, ...(next && { next }) };
    }
    if (places.length < atOnce) return { jobs };
  }
  return { jobs, ...(next && { next }) };
};

/** The open ones first: a job that ends while these are read is then seen twice rather than not at all. */
const indexesOf = (state: JobState | undefined): readonly (EndState | 'open')[] => {
  if (state === undefined) return ['open', ...endStates];
  return isEndState(state) ? [state] : ['open'];
};

const newest = async (
  records: JobListParts['records'],
  team: string,
  indexes: readonly (EndState | 'open')[],
  terms: { readonly below: IndexPlace | undefined; readonly limit: number },
): Promise<readonly IndexPlace[]> => {
  const pages = await Promise.all(indexes.map((index) => records.page(team, index, terms)));
  // A job that ended meanwhile may stand in two of them.
  const places = new Map(pages.flat().map((place) => [place.id, place]));
  return [...places.values()].sort((a, b) => (isBelow(a, b) ? 1 : -1)).slice(0, terms.limit);
};

const lookAt = (
  { records, view }: JobListParts,
  places: readonly IndexPlace[],
): Promise<readonly (JobView | undefined)[]> =>
  Promise.all(
    places.map(async ({ id }) => {
      const record = await records.read(id);
      return record && view(record);
    }),
  );
