import { acceptedIntervals } from '../catalogue/accepted-intervals.ts';
import type { Endpoint } from '../catalogue/endpoint.ts';
import { Failure, isFailure } from '../failures.ts';
import type { Fallback } from './fallback.ts';
import { coarser, type Interval } from './ladder.ts';

/** The interval rule: the vendor refuses an interval, the next coarser one is tried. 1h refused -> 4h. */
export interface Climb<T> {
  readonly endpoint: Endpoint;
  readonly start: Interval;
  /** How many rungs may be climbed, remembered refusals included. 0 for strict callers. Default 3. */
  readonly maxSteps?: number;
  /** Is a refusal of this interval remembered? Then it is passed over and nothing is spent. */
  readonly recall: (interval: Interval) => Promise<boolean>;
  /** One call at this interval; throws `interval-not-available` when the vendor refuses it. */
  readonly attempt: (interval: Interval) => Promise<T>;
  /** Remember the refusal. What it throws ends the climb. */
  readonly refused: (interval: Interval, failure: Failure) => Promise<void>;
}

export interface Climbed<T> {
  readonly interval: Interval;
  readonly result: T;
  /** Rungs climbed; 0 when the first interval was served. */
  readonly steps: number;
  readonly fallback?: Fallback;
}

const stepsMax = 3;

/**
 * Climbs until an interval is served. It neither remembers nor sends anything itself, and lets every
 * failure pass that is not a refusal of the interval.
 * @throws Failure `interval-not-available`, telling what was tried, when the rungs or the steps run out.
 */
export const climb = async <T>({
  endpoint,
  start,
  maxSteps = stepsMax,
  recall,
  attempt,
  refused,
}: Climb<T>): Promise<Climbed<T>> => {
  const rungs = rungsFrom(endpoint, start, maxSteps);
  let last: Failure | undefined;
  for (const [steps, interval] of rungs.entries()) {
    if (await recall(interval)) continue;
    const outcome = await attemptOrRefusal(attempt, interval);
    if ('result' in outcome) {
      return { interval, steps, ...outcome, ...(steps > 0 && said(start, interval)) };
    }
    last = outcome.refusal;
    await refused(interval, last);
  }
  throw ladderEnded(endpoint, rungs, last);
};

const rungsFrom = (endpoint: Endpoint, start: Interval, maxSteps: number): Interval[] => {
  const accepted = acceptedIntervals(endpoint);
  const rungs = [start];
  for (let rung = coarser(start, accepted); rung !== undefined; rung = coarser(rung, accepted)) {
    if (rungs.length > maxSteps) break;
    rungs.push(rung);
  }
  return rungs;
};

const attemptOrRefusal = async <T>(
  attempt: Climb<T>['attempt'],
  interval: Interval,
): Promise<{ result: T } | { refusal: Failure }> => {
  try {
    return { result: await attempt(interval) };
  } catch (thrown) {
    if (isFailure(thrown) && thrown.kind === 'interval-not-available') return { refusal: thrown };
    throw thrown;
  }
};

const said = (from: Interval, to: Interval): { fallback: Fallback } => ({
  fallback: { from, to, reason: 'interval-refused' },
});

const ladderEnded = (
  endpoint: Endpoint,
  tried: readonly Interval[],
  last: Failure | undefined,
): Failure => {
  const list = tried.join(', ');
  return new Failure(
    'interval-not-available',
    `CoinGlass has ${endpoint.id} not available at ${list} for our plan`,
    {
      errors: [{ field: 'interval', message: `refused at ${list}` }],
      ...(last?.upstream !== undefined && { upstream: last.upstream }),
      ...(last !== undefined && { cause: last }),
    },
  );
};
