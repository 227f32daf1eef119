import { describe, expect, it } from '@jest/globals';
import { createLimiter, type LimiterOptions } from './limiter.ts';
import { createMemoryPermitStore } from './memory/permit-store.ts';
import type { Permit, PermitWait, RateLimiter } from './rate-limiter.ts';
import type { PermitStore } from './store.ts';
import { createSimulatedClock, microtasksRun } from './testing/simulated-clock.ts';

type Mood = 'well' | 'refuses' | 'silent' | 'answer-lost';

/** A limiter on a store that can be away in three ways: it refuses, it says nothing, or only its answer is lost. */
const setUp = async (options: Partial<LimiterOptions> = {}) => {
  const clock = createSimulatedClock(microtasksRun);
  const memory = createMemoryPermitStore(clock.now);
  let mood: Mood = 'well';
  const store = new Proxy<PermitStore>(memory, {
    get: (target, name: keyof PermitStore) => {
      const operation = target[name] as (...args: unknown[]) => Promise<unknown>;
      return async (...args: unknown[]) => {
        if (mood === 'well') return operation(...args);
        if (mood === 'answer-lost') await operation(...args);
        if (mood === 'silent') return new Promise(() => undefined);
        throw new Error('ECONNRESET');
      };
    },
  });
  const limiter = createLimiter(store, {
    limit: 3,
    now: clock.now,
    after: clock.after,
    ...options,
  });
  await limiter.declareEpoch();
  return { clock, limiter, become: (next: Mood) => (mood = next) };
};

const take = (limiter: RateLimiter, waitMaxMs = 0): Promise<Permit | PermitWait> =>
  limiter.take({
    lane: 'interactive',
    arm: 'baseline',
    team: { id: 'alpha', weight: 1 },
    signal: new AbortController().signal,
    waitMaxMs,
  });

const unavailable = { name: 'RateLimiterUnavailable' };

describe('a limiter whose store is away', () => {
  it('grants nothing and says so to everyone who asks or waits', async () => {
    const { clock, limiter, become } = await setUp();
    const permits = await Promise.all([take(limiter), take(limiter), take(limiter)]);
    for (const permit of permits as Permit[]) permit.settle({ kind: 'answered', succeeded: true });
    const waiting = [take(limiter, 100_000), take(limiter, 100_000)];
    await clock.advance(10);
    become('refuses');
    const outcomes = Promise.allSettled(waiting);
    await clock.advance(61_000);
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: unavailable });
    }
    await expect(take(limiter)).rejects.toMatchObject(unavailable);
    await expect(limiter.pause(permits[0] as Permit)).rejects.toMatchObject(unavailable);
    await expect(limiter.status()).rejects.toMatchObject(unavailable);
    become('well');
    expect(await take(limiter)).toHaveProperty('settle');
  });

  it('does not wait longer than a permit may be old for an answer', async () => {
    const { clock, limiter, become } = await setUp();
    become('silent');
    const asked = take(limiter, 100_000);
    const outcome = expect(asked).rejects.toMatchObject(unavailable);
    await clock.advance(2_000);
    await outcome;
  });

  it('gives back what was granted in an answer that got lost', async () => {
    const { clock, limiter, become } = await setUp();
    become('answer-lost');
    await expect(take(limiter)).rejects.toMatchObject(unavailable);
    become('well');
    expect(await limiter.status()).toMatchObject({ inUse: 1 });
    await clock.advance(10);
    expect(await limiter.status()).toMatchObject({ inUse: 0 });
  });

  it('tells the store later what was settled meanwhile, and throws at nobody', async () => {
    const { clock, limiter, become } = await setUp();
    const permits = (await Promise.all([take(limiter), take(limiter)])) as Permit[];
    become('refuses');
    permits[0]!.settle({ kind: 'never-sent' });
    await clock.advance(500);
    permits[1]!.settle({ kind: 'answered', succeeded: true });
    await clock.advance(5_000);
    become('well');
    expect(await limiter.status()).toMatchObject({ inUse: 2 });
    await clock.advance(1_000);
    expect(await limiter.status()).toMatchObject({ inUse: 1 });
    await clock.advance(60_001);
    expect(await limiter.status()).toMatchObject({ inUse: 0 });
  });

  it('closes within a second all the same', async () => {
    const { clock, limiter, become } = await setUp();
    const permit = (await take(limiter)) as Permit;
    become('silent');
    permit.settle({ kind: 'answered', succeeded: true });
    let closed = false;
    const closing = limiter.close().then(() => (closed = true));
    await clock.advance(999);
    expect(closed).toBe(false);
    await clock.advance(1);
    await closing;
  });
});

describe('a limiter is not made with', () => {
  it.each([
    ['a limit of nothing', { limit: 0 }],
    ['a limit that is no whole number', { limit: 2.5 }],
    ['no window', { limit: 3, windowMs: 0 }],
    ['a lease shorter than a permit may be old', { limit: 3, leaseMs: 1_000 }],
  ])('%s', (_, options) => {
    const make = () =>
      createLimiter(
        createMemoryPermitStore(() => 0),
        options,
      );
    expect(make).toThrow(RangeError);
  });
});

describe('a settlement', () => {
  const countedStore = () => {
    const clock = createSimulatedClock(microtasksRun);
    const memory = createMemoryPermitStore(clock.now);
    const told: string[] = [];
    const count =
      <Args extends unknown[], T>(name: string, operation: (...args: Args) => T) =>
      (...args: Args): T => {
        told.push(name);
        return operation(...args);
      };
    const store: PermitStore = {
      ...memory,
      grant: count('grant', memory.grant),
      settle: count('settle', memory.settle),
    };
    return { clock, store, told };
  };

  const setUpCounted = async () => {
    const { clock, store, told } = countedStore();
    const limiter = createLimiter(store, { limit: 3, now: clock.now, after: clock.after });
    await limiter.declareEpoch();
    return { clock, limiter, told };
  };

  it('travels with the next grant, if one comes soon', async () => {
    const { clock, limiter, told } = await setUpCounted();
    const permit = (await take(limiter)) as Permit;
    permit.settle({ kind: 'answered', succeeded: true });
    await clock.advance(19);
    await take(limiter);
    await clock.advance(100);
    expect(told).toEqual(['grant', 'grant']);
  });

  it('has all its time to wait, however long earlier ones waited that a grant took along', async () => {
    const { clock, limiter, told } = await setUpCounted();
    const one = (await take(limiter)) as Permit;
    one.settle({ kind: 'answered', succeeded: true });
    await clock.advance(15);
    const other = (await take(limiter)) as Permit;
    other.settle({ kind: 'answered', succeeded: true });
    await clock.advance(19);
    expect(told).toEqual(['grant', 'grant']);
    await clock.advance(1);
    expect(told).toEqual(['grant', 'grant', 'settle']);
  });

  it('that a grant did not get to the store goes by itself', async () => {
    const { clock, store, told } = countedStore();
    const limiter = createLimiter(
      {
        ...store,
        grant: (...ask) =>
          told.length === 1 ? Promise.reject(new Error('away')) : store.grant(...ask),
      },
      { limit: 3, now: clock.now, after: clock.after },
    );
    await limiter.declareEpoch();
    const permit = (await take(limiter)) as Permit;
    permit.settle({ kind: 'answered', succeeded: true });
    await expect(take(limiter)).rejects.toThrow('does not answer');
    await clock.advance(20);
    expect(told).toEqual(['grant', 'settle']);
  });

  it('goes by itself when none comes, and at once when it gives a slot back', async () => {
    const { clock, limiter, told } = await setUpCounted();
    const [one, other] = (await Promise.all([take(limiter), take(limiter)])) as Permit[];
    one?.settle({ kind: 'answered', succeeded: true });
    await clock.advance(19);
    expect(told).toEqual(['grant']);
    await clock.advance(1);
    expect(told).toEqual(['grant', 'settle']);
    other?.settle({ kind: 'never-sent' });
    await clock.advance(0);
    expect(told).toEqual(['grant', 'settle', 'settle']);
  });

  it('that waits for a grant goes with one that gives a slot back', async () => {
    const { clock, limiter, told } = await setUpCounted();
    const [one, other] = (await Promise.all([take(limiter), take(limiter)])) as Permit[];
    one?.settle({ kind: 'answered', succeeded: true });
    await clock.advance(5);
    other?.settle({ kind: 'never-sent' });
    await clock.advance(0);
    expect(told).toEqual(['grant', 'settle']);
    await clock.advance(100);
    expect(told).toEqual(['grant', 'settle']);
  });
});
