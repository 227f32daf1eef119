import {
  announce,
  endingOf,
  isDrawnJobId,
  type JobRecords,
  type Outcome,
} from '@glasshouse/fetch-queue';

type Redis = Parameters<typeof announce>[0];

export interface TellParts {
  /** The connection of the records as well: what is asked first is done first. */
  readonly redis: Redis;
  readonly records: Pick<JobRecords, 'end'>;
}

/**
 * Tells what became of a job: its record first, if it has an owner, then whoever waits, so that who hears of the end finds it written.
 * A record that could not be written is made good by who looks at it, from what the queue says. Records are kept of, and readers wait for,
 * ids that the house has drawn; an operator who follows another (`GET /v1/jobs/:id/events`) is told by the looks at the queue, each second.
 */
export const createTell =
  ({ redis, records }: TellParts) =>
  async (outcome: Outcome): Promise<void> => {
    if (!isDrawnJobId(outcome.jobId)) return;
    const ending = endingOf(outcome);
    const noted = ending && records.end(outcome.jobId, ending).catch(() => undefined);
    await Promise.all([noted, announce(redis, outcome)]);
  };
