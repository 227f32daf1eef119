import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { catalogue } from '../catalogue/catalogue.ts';
import { asFailure, Failure } from '../failures.ts';
import { climb, type Climb } from './climb.ts';
import { joinFallbacks } from './fallback.ts';
import { intervals, isFiner, type Interval } from './ladder.ts';

const endpoint = catalogue['futures/funding-rate/history'];
const refusal = () =>
  new Failure('interval-not-available', 'not in the plan', {
    upstream: { status: 200, code: '403' },
  });

/** A vendor that refuses these intervals, and everything that was done to it. */
const scripted = (refuses: readonly Interval[]) => {
  const log: string[] = [];
  const steps: Pick<Climb<string>, 'endpoint' | 'attempt'> = {
    endpoint,
    attempt: (interval) => {
      log.push(`ask ${interval}`);
      return refuses.includes(interval)
        ? Promise.reject(refusal())
        : Promise.resolve(`rows of ${interval}`);
    },
  };
  return { log, steps };
};

const failureOf = async (climbing: Promise<unknown>): Promise<Failure> => {
  try {
    await climbing;
  } catch (thrown) {
    return asFailure(thrown);
  }
  throw new Error('nothing was thrown');
};

describe('the climb', () => {
  it('asks once and changes nothing when the interval is served', async () => {
    const { log, steps } = scripted([]);
    await expect(climb({ ...steps, start: '1h' })).resolves.toEqual({
      interval: '1h',
      result: 'rows of 1h',
      steps: 0,
    });
    expect(log).toEqual(['ask 1h']);
  });

  it('serves nothing but what is allowed in place of the first', async () => {
    const { log, steps } = scripted(['1h']);
    const rungs = ['6h', '12h'] as const;
    await expect(climb({ ...steps, start: '1h', rungs })).resolves.toMatchObject({
      interval: '6h',
      fallback: { from: '1h', to: '6h' },
    });
    expect(log).toEqual(['ask 1h', 'ask 6h']);
  });

  it('passes over what is finer than where it is told to go on', async () => {
    const { log, steps } = scripted(['1h']);
    await expect(climb({ ...steps, start: '1h', goOnAt: '8h' })).resolves.toMatchObject({
      ...{ interval: '8h', steps: 1, fallback: { from: '1h', to: '8h' } },
    });
    expect(log).toEqual(['ask 1h', 'ask 8h']);
    const finer = scripted(['1h']);
    await climb({ ...finer.steps, start: '1h', goOnAt: '30m' });
    expect(finer.log).toEqual(['ask 1h', 'ask 4h']);
  });

  it('asks only for what the endpoint is asked for', async () => {
    const { log, steps } = scripted(['1h']);
    const narrower = { ...endpoint, intervals: ['1h', '8h'] as const };
    await climb({ ...steps, endpoint: narrower, start: '1h' });
    expect(log).toEqual(['ask 1h', 'ask 8h']);
  });

  it('goes from a refused 1h to 4h and says so', async () => {
    const { log, steps } = scripted(['1h']);
    await expect(climb({ ...steps, start: '1h' })).resolves.toEqual({
      interval: '4h',
      result: 'rows of 4h',
      steps: 1,
      fallback: { from: '1h', to: '4h', reason: 'interval-refused' },
    });
    expect(log).toEqual(['ask 1h', 'ask 4h']);
  });

  it('gives up after three steps and tells what it tried', async () => {
    const { log, steps } = scripted(intervals);
    const failure = await failureOf(climb({ ...steps, start: '1h' }));
    expect(failure.toRecord()).toEqual({
      kind: 'interval-not-available',
      detail: 'CoinGlass does not serve futures/funding-rate/history at 1h, 4h, 6h, 8h',
      errors: [
        {
          field: 'interval',
          message: 'is refused by CoinGlass at 1h, 4h, 6h, 8h',
          suggestions: ['12h'],
        },
      ],
      upstream: { status: 200, code: '403' },
    });
    expect(log.filter((line) => line.startsWith('ask'))).toHaveLength(4);
  });

  it("ends at the ladder's end", async () => {
    const { log, steps } = scripted(intervals);
    const failure = await failureOf(climb({ ...steps, start: '1d' }));
    expect(failure.errors).toEqual([
      { field: 'interval', message: 'is refused by CoinGlass at 1d, 1w' },
    ]);
    expect(log.filter((line) => line.startsWith('ask'))).toEqual(['ask 1d', 'ask 1w']);
  });

  it('does not climb at all for a strict caller', async () => {
    const { log, steps } = scripted(['1h']);
    const failure = await failureOf(climb({ ...steps, start: '1h', maxSteps: 0 }));
    expect(failure.kind).toBe('interval-not-available');
    expect(log.filter((line) => line.startsWith('ask'))).toEqual(['ask 1h']);
  });

  it('lets every other failure pass', async () => {
    const { log, steps } = scripted([]);
    const thrown = new Failure('upstream-unavailable', 'reset');
    const attempt = () => Promise.reject(thrown);
    await expect(failureOf(climb({ ...steps, attempt, start: '1h' }))).resolves.toBe(thrown);
    const bug = new TypeError('x is undefined');
    await expect(climb({ ...steps, attempt: () => Promise.reject(bug), start: '1h' })).rejects.toBe(
      bug,
    );
    expect(log).toEqual([]);
  });

  it('only ever goes up, at most three rungs, and asks no interval twice', async () => {
    const some = fc.uniqueArray(fc.constantFrom(...intervals));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...intervals), some, async (start, refuses) => {
        const { log, steps } = scripted(refuses);
        const asked = () => log.filter((line) => line.startsWith('ask'));
        try {
          const climbed = await climb({ ...steps, start });
          expect(isFiner(climbed.interval, start)).toBe(false);
          expect(refuses.includes(climbed.interval)).toBe(false);
          expect(climbed.steps).toBeLessThanOrEqual(3);
          expect(climbed.fallback === undefined).toBe(climbed.interval === start);
        } catch (thrown) {
          expect(asFailure(thrown).kind).toBe('interval-not-available');
        }
        expect(asked().length).toBeLessThanOrEqual(4);
        expect(new Set(asked()).size).toBe(asked().length);
      }),
    );
  });
});

describe('two fallbacks in a row', () => {
  it('are told as one, from what was asked to what was served', () => {
    const byPlan = { from: '1m', to: '30m', reason: 'plan' } as const;
    const refused = { from: '30m', to: '1h', reason: 'interval-refused' } as const;
    expect(joinFallbacks(byPlan, refused)).toEqual({
      from: '1m',
      to: '1h',
      reason: 'interval-refused',
    });
    expect(joinFallbacks(byPlan, undefined)).toBe(byPlan);
    expect(joinFallbacks(undefined, refused)).toBe(refused);
    expect(joinFallbacks(undefined, undefined)).toBeUndefined();
  });
});
