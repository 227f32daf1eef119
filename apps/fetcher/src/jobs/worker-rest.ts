import type { SampledLogger } from '@glasshouse/service-kit';

/** The part of a BullMQ worker that can be rested. */
export interface Restable {
  on(event: 'error', listener: (error: Error) => void): unknown;
  pause(doNotWaitActive: boolean): Promise<void>;
  resume(): Promise<void>;
}

export interface WorkerRestParts {
  readonly queue: string;
  readonly logger: SampledLogger;
  readonly random?: () => number;
  readonly after?: (delayMs: number, run: () => void) => void;
}

const restMinMs = 1_000;
const restMaxMs = 4_000;
/** A rest is counted as following another when it comes this soon after it. */
const calmMs = 30_000;

const later = (delayMs: number, run: () => void): void => {
  setTimeout(run, delayMs).unref();
};

/**
 * Rests a worker to which Redis answers with errors (read-only, full): BullMQ would ask again at once, thousands of times a second.
 * Doubling from 1 s to 4 s, jittered; an outage of the connection needs no rest, since BullMQ waits for it.
 */
export const restOnErrors = (
  worker: Restable,
  { queue, logger, random = Math.random, after = later }: WorkerRestParts,
): { stop(): void } => {
  let resting = false;
  let stopped = false;
  let rests = 0;
  const rest = (error: Error): void => {
    logger.error(
      { event: 'worker.error', queue, reason: error.message },
      'the queue’s worker has an error',
    );
    if (resting || stopped || !isRefusal(error)) return;
    resting = true;
    const boundMs = Math.min(restMaxMs, restMinMs * 2 ** rests);
    rests += 1;
    void worker.pause(true);
    after(boundMs / 2 + (random() * boundMs) / 2, () => {
      resting = false;
      if (stopped) return;
      const restsBefore = rests;
      after(calmMs, () => {
        if (rests === restsBefore && !resting) rests = 0;
      });
      void worker.resume();
    });
  };
  worker.on('error', rest);
  return {
    stop: () => {
      stopped = true;
    },
  };
};

/** Redis' own no, as opposed to a connection that is away. */
const isRefusal = (error: Error): boolean => error.name === 'ReplyError';
