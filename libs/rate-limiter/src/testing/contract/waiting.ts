import { describe, expect, it } from '@jest/globals';
import {
  MINUTE,
  CUT,
  take,
  takeMany,
  permit,
  permitsOf,
  isPermit,
  answered,
  type Stage,
} from './stage.ts';

/** Who waits, how long, and who is told to come back. */
export const describeWaiting = (stage: Stage): void => {
  describe('waiting', () => {
    it('serves a waiter as soon as a slot falls free', async () => {
      const { limiter } = await stage.started(1);
      await stage.settle(await permit(limiter), answered);
      const waiting = take(limiter, { waitMaxMs: 2 * MINUTE });
      await stage.world.advance(MINUTE + CUT);
      expect(await waiting).toMatchObject({ waitedMs: MINUTE + CUT });
    });

    it('refuses at once whoever would wait too long, each with the wait of his own place', async () => {
      const { limiter } = await stage.started(2);
      const [first, second] = permitsOf(await takeMany(limiter, 2));
      await stage.settle(first!, answered);
      await stage.world.advance(1_000);
      await stage.settle(second!, answered);
      const taken = await takeMany(limiter, 3, { waitMaxMs: 2_000 });
      expect(taken).toEqual([
        { waitMs: MINUTE + CUT - 1_000, because: 'limit' },
        { waitMs: MINUTE + CUT, because: 'limit' },
        // The third one has to wait until the first slot falls free for the second time.
        { waitMs: 2 * MINUTE + CUT - 1_000, because: 'limit' },
      ]);
    });

    it('serves those who wait in the order they came', async () => {
      const { limiter } = await stage.started(2);
      for (const each of permitsOf(await takeMany(limiter, 2))) await stage.settle(each, answered);
      const served: number[] = [];
      const waiting = [1, 2, 3].map(async (n) => {
        const taken = await take(limiter, { waitMaxMs: 3 * MINUTE });
        served.push(n);
        if (isPermit(taken)) taken.settle(answered);
      });
      await stage.world.advance(2 * MINUTE + 3 * CUT);
      await Promise.all(waiting);
      expect(served).toEqual([1, 2, 3]);
    });

    it('wakes a waiter when a slot is given back', async () => {
      const { limiter } = await stage.started(1);
      const held = await permit(limiter);
      const waiting = take(limiter, { waitMaxMs: 2 * MINUTE });
      await stage.world.advance(100);
      held.settle({ kind: 'never-sent' });
      await stage.world.advance(1);
      expect(isPermit(await waiting)).toBe(true);
    });

    it('rejects with the reason when the caller aborts, and asks no more for him', async () => {
      const { limiter } = await stage.started(1);
      await stage.settle(await permit(limiter), answered);
      const caller = new AbortController();
      const waiting = take(limiter, { waitMaxMs: 2 * MINUTE, signal: caller.signal });
      await stage.world.advance(100);
      caller.abort(new Error('nobody wants it any more'));
      await expect(waiting).rejects.toThrow('nobody wants it any more');
      await stage.world.advance(2 * MINUTE);
      expect(await limiter.status()).toMatchObject({ inUse: 0 });
    });

    it('gives back the slot that was granted while the caller aborted', async () => {
      const { limiter } = await stage.started(1);
      const caller = new AbortController();
      const waiting = take(limiter, { signal: caller.signal });
      await Promise.resolve().then(() => Promise.resolve());
      caller.abort(new Error('gone'));
      await expect(waiting).rejects.toThrow('gone');
      await stage.world.advance(10);
      expect(await limiter.status()).toMatchObject({ inUse: 0 });
      expect(isPermit(await take(limiter))).toBe(true);
    });

    it('tells the store that a slot was given back even if those who waited for one have gone', async () => {
      const { limiter } = await stage.started(1);
      const held = await permit(limiter);
      const caller = new AbortController();
      const waiting = take(limiter, { waitMaxMs: 2 * MINUTE, signal: caller.signal });
      await stage.world.advance(100);
      held.settle({ kind: 'never-sent' });
      caller.abort(new Error('gone'));
      await expect(waiting).rejects.toThrow('gone');
      await stage.world.advance(10);
      expect(await limiter.status()).toMatchObject({ inUse: 0 });
    });

    it('takes at most 2.2 calls of the store per request, with 500 who wait', async () => {
      const { limiter } = await stage.started(50);
      const before = stage.world.storeCalls();
      let served = 0;
      const requests = Array.from({ length: 500 }, async (_, n) => {
        const taken = await take(limiter, { waitMaxMs: 60 * MINUTE });
        if (!isPermit(taken)) return;
        served += 1;
        stage.world.clock.after(100 + ((n * 37) % 400), () => taken.settle(answered));
      });
      await stage.world.advance(11 * MINUTE);
      await Promise.all(requests);
      expect(served).toBe(500);
      expect((stage.world.storeCalls() - before) / 500).toBeLessThanOrEqual(2.2);
    }, 20_000);
  });
};
