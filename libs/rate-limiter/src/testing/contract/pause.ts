import { describe, expect, it } from '@jest/globals';
import {
  MINUTE,
  take,
  takeMany,
  permit,
  permitsOf,
  isPermit,
  answered,
  quota,
  refused,
  type Stage,
} from './stage.ts';

/** One throttled request stops everyone. */
export const describePause = (stage: Stage): void => {
  describe('pause', () => {
    it('stops everyone, in all lanes and processes, and goes on by itself', async () => {
      const { limiter, events } = await stage.started(10);
      const other = stage.world.process({ limit: 10 }).limiter;
      const throttled = await permit(limiter);
      expect(await limiter.pause(throttled)).toMatchObject({ resumesInMs: 250 });
      for (const lane of ['interactive', 'bulk', 'probe'] as const) {
        expect(await take(other, { lane })).toEqual({ waitMs: 250, because: 'pause' });
      }
      expect(await other.status()).toMatchObject({ pausedForMs: 250 });
      await stage.world.advance(250);
      expect(isPermit(await take(other))).toBe(true);
      expect(events).toContainEqual({ kind: 'paused', resumesInMs: 250 });
    });

    it('is drawn between half and full', async () => {
      const { limiter } = await stage.started(10, { random: () => 0.999_999 });
      expect(await limiter.pause(await permit(limiter))).toMatchObject({ resumesInMs: 500 });
    });

    it('doubles with each further incident, up to the window', async () => {
      const { limiter } = await stage.started(20, { random: () => 0.999_999 });
      const pauses: number[] = [];
      for (let n = 0; n < 9; n += 1) {
        const throttled = await permit(limiter);
        throttled.settle(refused);
        const { resumesInMs } = await limiter.pause(throttled);
        pauses.push(resumesInMs);
        await stage.world.advance(resumesInMs + 1_001);
      }
      expect(pauses).toEqual([500, 1e3, 2e3, 4e3, 8e3, 16e3, 32e3, MINUTE, MINUTE]);
    });

    it('takes all requests of before the pause for one incident, however late they tell', async () => {
      const { limiter, events } = await stage.started(10);
      const [first, second, third, fourth] = permitsOf(await takeMany(limiter, 4));
      await limiter.pause(first!);
      expect(await limiter.pause(second!)).toMatchObject({ resumesInMs: 250 });
      await stage.world.advance(200);
      expect(await limiter.pause(third!)).toMatchObject({ resumesInMs: 50 });
      await stage.world.advance(1_000);
      expect(await limiter.pause(fourth!)).toMatchObject({ resumesInMs: 0 });
      expect(events.filter((event) => event.kind === 'paused')).toHaveLength(1);
      await stage.world.advance(1_001);
      expect(await limiter.pause(await permit(limiter))).toMatchObject({ resumesInMs: 500 });
    });

    it('forgets the doubling at a success of a request from after the pause, not of one from before', async () => {
      const { limiter } = await stage.started(10);
      const [throttled, before] = permitsOf(await takeMany(limiter, 2));
      await limiter.pause(throttled!);
      await stage.world.advance(1_500);
      await stage.settle(before!, answered);
      const second = await permit(limiter);
      expect(await limiter.pause(second)).toMatchObject({ resumesInMs: 500 });
      await stage.world.advance(1_501);
      await stage.settle(await permit(limiter), answered);
      expect(await limiter.pause(await permit(limiter))).toMatchObject({ resumesInMs: 250 });
    });

    it.each([
      [30_000, 30_000],
      [5, 1_000],
      [-1, 1_000],
      [1e12, 120_000],
      [Number.NaN, 250],
    ])('obeys a Retry-After of %d ms as %d ms', async (retryAfterMs, resumesInMs) => {
      const { limiter } = await stage.started(10);
      expect(await limiter.pause(await permit(limiter), retryAfterMs)).toMatchObject({
        resumesInMs,
      });
    });

    it('obeys the Retry-After of a later answer to the same incident', async () => {
      const { limiter } = await stage.started(10);
      const [first, second] = permitsOf(await takeMany(limiter, 2));
      await limiter.pause(first!);
      expect(await limiter.pause(second!, 7_000)).toMatchObject({ resumesInMs: 7_000 });
    });

    it('names the cause, for each throttled request, with what is known of it', async () => {
      const { limiter, events } = await stage.started(3);
      const [first, second] = permitsOf(await takeMany(limiter, 3));
      const told = { used: 4, limit: 3 };
      expect(await limiter.pause(first!, undefined, told)).toMatchObject({ cause: 'foreign-use' });
      await limiter.pause(second!, undefined, { used: 3, limit: 2 });
      await stage.world.advance(0);
      const seen = { team: 'alpha', lane: 'interactive', own: 3, foreign: 0, limit: 3 };
      expect(events.filter(({ kind }) => kind === 'throttled')).toEqual([
        {
          kind: 'throttled',
          ...seen,
          ...{ resumesInMs: 250, cause: 'foreign-use', toldUsed: 4, toldLimit: 3 },
        },
        {
          kind: 'throttled',
          ...seen,
          ...{ resumesInMs: 250, cause: 'plan-change', toldUsed: 3, toldLimit: 2 },
        },
      ]);
    });

    it('still names the smaller plan when an answer has told of it before the refusal does', async () => {
      const { limiter } = await stage.started(3);
      const [first, second] = permitsOf(await takeMany(limiter, 3));
      await stage.settle(first!, quota(3, 2));
      expect(await limiter.pause(second!)).toMatchObject({ cause: 'plan-change' });
    });

    it.each([
      ['said nothing', {}],
      ['refused though it counts no more than it allows', { used: 9, limit: 10 }],
    ])(
      'blames the vendor that %s, not requests of before the flag lowered the limit',
      async (_, told) => {
        const { limiter } = await stage.started(10);
        const [throttled] = permitsOf(await takeMany(limiter, 10));
        await limiter.setFlagLimit(4);
        expect(await limiter.pause(throttled!, undefined, told)).toMatchObject({
          cause: 'vendor-fault',
        });
      },
    );

    it('names the smaller plan also when the flag has lowered the limit further', async () => {
      const { limiter } = await stage.started(10);
      const [first, second] = permitsOf(await takeMany(limiter, 10));
      await limiter.setFlagLimit(4);
      const told = { used: 10, limit: 6 };
      expect(await limiter.pause(first!, undefined, told)).toMatchObject({ cause: 'plan-change' });
      await stage.settle(first!, quota(10, 6));
      expect(await limiter.pause(second!)).toMatchObject({ cause: 'plan-change' });
    });

    it('still finds a stranger when the flag has lowered the limit', async () => {
      const { limiter } = await stage.started(10);
      const [first, second] = permitsOf(await takeMany(limiter, 7));
      await limiter.setFlagLimit(4);
      const told = { used: 11, limit: 10 };
      expect(await limiter.pause(first!, undefined, told)).toMatchObject({ cause: 'foreign-use' });
      await stage.settle(first!, quota(10, 10));
      expect(await limiter.status()).toMatchObject({ inUse: 10, foreign: 3 });
      expect(await limiter.pause(second!)).toMatchObject({ cause: 'foreign-use' });
    });

    it('makes the permits in hand stale in each process as soon as it hears of it', async () => {
      const { limiter } = await stage.started(10);
      const other = stage.world.process({ limit: 10 }).limiter;
      const [throttled, inHand] = permitsOf(await takeMany(limiter, 2));
      const elsewhere = await permit(other);
      const pausing = limiter.pause(throttled!);
      expect(inHand!.isFresh()).toBe(false);
      await pausing;
      expect(elsewhere.isFresh()).toBe(true);
      await take(other);
      expect(elsewhere.isFresh()).toBe(false);
      await stage.world.advance(251);
      expect((await permit(limiter)).isFresh()).toBe(true);
      expect((await permit(other)).isFresh()).toBe(true);
    });

    it('is no deadlock when the clock of the store is set back', async () => {
      const { limiter } = await stage.started(10);
      await limiter.pause(await permit(limiter), 1e12);
      await stage.world.setStoreClockBy(-24 * 60 * MINUTE);
      await take(limiter);
      await stage.world.advance(120_000);
      expect(isPermit(await take(limiter))).toBe(true);
    });
  });
};
