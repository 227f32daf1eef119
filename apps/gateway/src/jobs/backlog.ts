import { Failure } from '@glasshouse/coinglass-client';
import { backlogPace, noRoomBehind } from '@glasshouse/fetch-queue';
import type { Queue } from 'bullmq';

export interface BacklogTerms {
  /** Requests per minute to CoinGlass. */
  readonly rpm: number;
  /** Epoch ms after which the answer is of no use. */
  readonly deadlineAt: number | undefined;
  readonly now: number;
}

/**
 * Refuses a job that would wait too long behind what waits already.
 * @throws Failure `queue-full`
 */
export const ensureRoom = (waiting: number, { rpm, ...terms }: BacklogTerms): void => {
  const noRoom = noRoomBehind(waiting, { ...terms, perMinute: backlogPace(rpm) });
  if (!noRoom) return;
  const why =
    noRoom.because === 'backlog'
      ? `${waiting} jobs wait already`
      : `behind ${waiting} jobs it would begin after its deadline`;
  const { retryAfterMs } = noRoom;
  throw new Failure('queue-full', `The queue is too long: ${why}`, { retryAfterMs });
};

/** Jobs that wait on a queue, whatever for. */
export const waitingOn = (queue: Queue): Promise<number> =>
  queue.getJobCountByTypes('waiting', 'prioritized', 'delayed');
