import {
  parseInteractiveJob,
  parseQueuedJob,
  type HandedAnswer,
  type InteractiveFetchJob,
  type JobResult,
  type QueuedFetchJob,
  type StreamProbeJob,
} from '@glasshouse/fetch-queue';
import {
  Failure,
  findEndpoint,
  isFailure,
  parameterNames,
  type Turn,
} from '@glasshouse/coinglass-client';
import type { Job } from 'bullmq';
import type { CallArm } from '../arms/job-arm.ts';
import type { FetchDesk } from '../fetch/fetch-desk.ts';
import type { FetchOrder, Lane } from '../fetch/fetch-order.ts';
import type { TeamDirectory } from '../teams/team-directory.ts';
import type { StreamProbe } from '../stream/stream-probe.ts';
import { deadlinesOf, type JobDeadlines } from './deadlines.ts';

/** A job whose data has been read. */
export interface ParsedJob {
  readonly work: StreamProbeJob | QueuedFetchJob | InteractiveFetchJob;
  readonly lane: Lane;
  readonly deadlines: JobDeadlines;
  /** Epoch ms, never in the future. */
  readonly addedAt: number;
  readonly turn: Turn;
  /** For the log. */
  readonly about: Readonly<Record<string, unknown>>;
}

/** What an answered job says, to BullMQ, to who waits, and to the span. */
export interface DoneJob {
  readonly result: JobResult;
  readonly askedKey?: string;
  /** For who waits, if the run was to hand it over and the answer is small. */
  readonly answer?: HandedAnswer;
  readonly attributes: Readonly<Record<string, string | number>>;
}

/** On what terms a job runs. */
export interface RunTerms {
  readonly call: CallArm;
  readonly signal: AbortSignal;
  /** See `FetchOrder`. */
  readonly handsOver?: boolean;
  /** Told once the work has ended, however it did: the requests it cost. Not told when it ended before the answer was asked for. */
  readonly onSpent?: (permits: number) => void;
}

export interface JobWorkParts {
  readonly desk: Pick<FetchDesk, 'fetch'>;
  readonly probeStream: StreamProbe;
  readonly teams: TeamDirectory;
  readonly now: () => number;
}

/** From a job's data to its result. The shared queue is anyone's, so it has the bulk lane only. */
export const createJobWork = ({ desk, probeStream, teams, now }: JobWorkParts) => ({
  /** @throws Failure `invalid-job` */
  parse: (
    job: Pick<Job, 'id' | 'data' | 'timestamp'>,
    queue: 'shared' | 'interactive',
  ): ParsedJob => {
    const { work, lane } = read(job.data, queue);
    const at = now();
    const addedAt = Number.isFinite(job.timestamp) ? Math.min(job.timestamp, at) : at;
    const deadlines = deadlinesOf({ deadlineAt: work.deadlineAt, lane }, addedAt, at);
    const turn = { id: `${queue} ${job.id}`, since: addedAt };
    return { work, lane, deadlines, addedAt, turn, about: { lane, ...shownOf(work) } };
  },

  /** Rejects as the desk and the probe do. */
  perform: async (parsed: ParsedJob, terms: RunTerms): Promise<DoneJob> => {
    const { work, deadlines } = parsed;
    if (now() >= deadlines.startBy) throw deadlinePassed();
    if ('probe' in work) {
      const result = await probeStream({ deadlineAt: deadlines.runUntil, signal: terms.signal });
      return { result, attributes: { 'coinglass.operation': 'stream' } };
    }
    const { askedKey, facts, data, fallback, permits, signs } = await desk.fetch({
      ...orderOf(parsed, work, terms),
      team: teams.shareOf(work.team),
    });
    const { interval } = facts.params;
    return {
      askedKey,
      ...(data && { answer: { facts, ...data } }),
      result: {
        answerKey: facts.key,
        url: `/v1/answers/${facts.key}`,
        endpoint: facts.endpoint,
        ...(interval !== undefined && { servedInterval: interval }),
        source: facts.source,
        permits,
        // For the start check; what others use of the key is no producer's matter.
        ...(parsed.lane === 'probe' && signs),
      },
      attributes: {
        'coinglass.operation': facts.endpoint,
        'coinglass.lane': parsed.lane,
        'coinglass.permits': permits,
        ...(fallback && {
          'coinglass.fallback.from': fallback.from,
          'coinglass.fallback.to': fallback.to,
        }),
      },
    };
  },
});

const read = (data: unknown, queue: 'shared' | 'interactive'): Pick<ParsedJob, 'work' | 'lane'> => {
  if (queue === 'shared') return { work: parseQueuedJob(data), lane: 'bulk' };
  const work = parseInteractiveJob(data);
  return { work, lane: 'probe' in work ? 'probe' : work.lane };
};

const orderOf = (
  { lane, deadlines, addedAt, turn }: ParsedJob,
  work: QueuedFetchJob | InteractiveFetchJob,
  { call: { arm, onTrial, callId }, signal, handsOver = false, onSpent }: RunTerms,
): Omit<FetchOrder, 'team'> => ({
  endpoint: work.endpoint,
  params: work.params,
  instrument: work.instrument,
  interval: work.interval,
  strict: work.strict,
  lane,
  arm,
  onTrial,
  callId,
  turn,
  // What was fetched since the job was added is new enough, also when the job runs a second time.
  ...('fresh' in work && work.fresh && { notBefore: addedAt }),
  deadlineAt: deadlines.runUntil,
  signal,
  handsOver,
  ...(onSpent && { onSpent }),
});

/** Only what the endpoint knows: whatever else stands in a stranger's job might be anything, a key among it. */
const shownOf = (work: ParsedJob['work']): Record<string, unknown> => {
  if ('probe' in work) return { operation: 'stream' };
  const { endpoint: id, params = {}, instrument, interval, strict, team } = work;
  const endpoint = findEndpoint(id);
  if (isFailure(endpoint)) return { operation: 'unknown', strict, team };
  const known = parameterNames(endpoint);
  const shown = Object.entries(params).filter(([name]) => known.includes(name));
  return { operation: id, params: Object.fromEntries(shown), instrument, interval, strict, team };
};

const deadlinePassed = (): Failure =>
  new Failure('deadline-passed', 'The deadline passed before the job could begin');
