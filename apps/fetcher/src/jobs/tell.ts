import { announce, endingOf, type JobRecords, type Outcome } from '@glasshouse/fetch-queue';

type Redis = Parameters<typeof announce>[0];

export interface TellParts {
  /** The connection of the records as well: what is asked first is done first. */
  readonly redis: Redis;
  readonly records: Pick<JobRecords, 'end'>;
}

/**
 * Tells what became of a job: its record first, if it has an owner, then whoever waits, so that who hears of the end finds it written.
 * A record that could not be written is made good by who looks at it, from what the queue says.
 */
export const createTell =
  ({ redis, records }: TellParts) =>
  async (outcome: Outcome): Promise<void> => {
    const ending = endingOf(outcome);
    const noted = ending && records.end(outcome.jobId, ending).catch(() => undefined);
    await Promise.all([noted, announce(redis, outcome)]);
  };
