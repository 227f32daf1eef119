import { acceptedIntervals } from '../catalogue/accepted-intervals.ts';
import type { Endpoint } from '../catalogue/endpoint.ts';
import { withSuggestions } from '../catalogue/params.ts';
import { Failure, isFailure } from '../failures.ts';
import type { Fallback } from './fallback.ts';
import { coarser, isFiner, type Interval } from './ladder.ts';

/** The interval rule: the vendor refuses an interval, the next coarser one is tried. 1h refused -> 4h. */
export interface Climb<T> {
  readonly endpoint: Endpoint;
  readonly start: Interval;
  /** How many rungs may be climbed, remembered refusals included. 0 for strict callers. Default 3. */
  readonly maxSteps?: number;
  /** The only intervals that may be served in place of the first; absent: all that the endpoint accepts. */
  readonly rungs?: readonly Interval[];
  /** Where to go on when the first is refused: finer ones are passed over. Absent: at the next one. */
  readonly goOnAt?: Interval;
  /** One call at this interval; throws `interval-not-available` when the vendor refuses it or is known to. */
  readonly attempt: (interval: Interval) => Promise<T>;
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
  rungs: allowed,
  goOnAt,
  attempt,
}: Climb<T>): Promise<Climbed<T>> => {
  const rungs = rungsFrom(
    endpoint,
    start,
    maxSteps,
    (rung) => (allowed?.includes(rung) ?? true) && !(goOnAt && isFiner(rung, goOnAt)),
  );
  let last: Failure | undefined;
  for (const [steps, interval] of rungs.entries()) {
    const outcome = await attemptOrRefusal(attempt, interval);
    if ('result' in outcome) {
      return { interval, steps, ...outcome, ...(steps > 0 && said(start, interval)) };
    }
    last = outcome.refusal;
  }
  throw ladderEnded(endpoint, rungs, last);
};

const rungsFrom = (
  endpoint: Endpoint,
  start: Interval,
  maxSteps: number,
  allows: (rung: Interval) => boolean,
): Interval[] => {
  const accepted = acceptedIntervals(endpoint).filter(allows);
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
  const highest = tried.at(-1);
  const next = highest && coarser(highest, acceptedIntervals(endpoint));
  return new Failure(
    'interval-not-available',
    `CoinGlass does not serve ${endpoint.id} at ${list}`,
    {
      errors: [
        {
          field: 'interval',
          message: `is refused by CoinGlass at ${list}`,
          ...withSuggestions(next === undefined ? [] : [next]),
        },
      ],
      ...(last?.upstream !== undefined && { upstream: last.upstream }),
      ...(last !== undefined && { cause: last }),
    },
  );
};
