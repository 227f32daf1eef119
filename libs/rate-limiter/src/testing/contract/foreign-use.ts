import { describe, expect, it } from '@jest/globals';
import {
  MINUTE,
  CUT,
  take,
  takeMany,
  permit,
  permitsOf,
  answered,
  quota,
  type Stage,
} from './stage.ts';

/** What follows when the vendor counts more than we sent. */
export const describeForeignUse = (stage: Stage): void => {
  describe('use of the key by others', () => {
    it('counts as taken for two windows: the second is for what they send next', async () => {
      const { limiter, events } = await stage.started(10);
      await stage.settle(await permit(limiter), quota(4));
      expect(await limiter.status()).toMatchObject({ inUse: 4, foreign: 3 });
      expect(events).toContainEqual({ kind: 'foreign-use', requests: 3 });
      expect(permitsOf(await takeMany(limiter, 10))).toHaveLength(6);
      await stage.world.advance(2 * MINUTE);
      expect(await limiter.status()).toMatchObject({ foreign: 3 });
      await stage.world.advance(CUT);
      expect(await limiter.status()).toMatchObject({ foreign: 0 });
    });

    it('counts as taken for as long as the vendor goes on counting it, not all forgotten at once', async () => {
      const { limiter } = await stage.started(10);
      await stage.settle(await permit(limiter), quota(6));
      expect(await limiter.status()).toMatchObject({ foreign: 5 });
      // All five were there when noticed; of three others that came since, no answer tells but by its count.
      await stage.world.advance(MINUTE + 30_000);
      await stage.settle(await permit(limiter), quota(4));
      await stage.world.advance(30_000 + CUT);
      expect(await limiter.status()).toMatchObject({ foreign: 3 });
      await stage.world.advance(MINUTE + 30_000);
      expect(await limiter.status()).toMatchObject({ foreign: 0 });
    });

    it('is not held anew by requests of our own', async () => {
      const { limiter } = await stage.started(10);
      await stage.settle(await permit(limiter), quota(4));
      await stage.world.advance(MINUTE + 30_000);
      for (const own of permitsOf(await takeMany(limiter, 3))) await stage.settle(own, quota(3));
      await stage.world.advance(30_000 + CUT);
      expect(await limiter.status()).toMatchObject({ foreign: 0 });
    });

    it('counts from the end of a pause, in which nothing is seen of it', async () => {
      const { limiter } = await stage.started(10);
      const throttled = await permit(limiter);
      await limiter.pause(throttled, 100_000);
      await stage.settle(throttled, quota(4));
      await stage.world.advance(100_000);
      await take(limiter);
      await stage.world.advance(2 * MINUTE);
      expect(await limiter.status()).toMatchObject({ foreign: 3 });
      await stage.world.advance(CUT);
      expect(await limiter.status()).toMatchObject({ foreign: 0 });
    });

    it('counts as taken for one window where the vendor allows more than we take', async () => {
      const { limiter } = await stage.started(10);
      await stage.settle(await permit(limiter), quota(4, 12));
      expect(await limiter.status()).toMatchObject({ foreign: 3 });
      await stage.world.advance(MINUTE + CUT);
      expect(await limiter.status()).toMatchObject({ foreign: 0 });
    });

    it('is counted once, however many answers tell of it', async () => {
      const { limiter } = await stage.started(10);
      const [first, second, third] = permitsOf(await takeMany(limiter, 3));
      await stage.settle(first!, quota(5));
      await stage.settle(second!, quota(5));
      second!.settle(quota(5));
      await stage.settle(third!, quota(6));
      expect(await limiter.status()).toMatchObject({ inUse: 6, foreign: 3 });
    });

    it('is not seen in requests of our own that the vendor still counts after their slots fell free', async () => {
      const { limiter } = await stage.started(10);
      for (const each of permitsOf(await takeMany(limiter, 6))) await stage.settle(each, answered);
      await stage.world.advance(MINUTE - 1_000);
      const slow = await permit(limiter);
      // It arrives now: the vendor counts all seven. The answer takes 5 s, and six slots are free by then.
      await stage.world.advance(5_000);
      await stage.settle(slow, quota(7));
      expect(await limiter.status()).toMatchObject({ inUse: 1, foreign: 0 });
    });

    it('never takes more memory than the limit, whatever the header says', async () => {
      const { limiter } = await stage.started(10);
      await stage.settle(await permit(limiter), quota(1_000_000_000));
      await stage.world.advance(10);
      expect(await limiter.status()).toMatchObject({ inUse: 11, foreign: 10 });
    });

    it('is not concluded from a permit of before a loss of state', async () => {
      const { limiter } = await stage.started(10);
      const old = await permit(limiter);
      await stage.world.loseState();
      await limiter.declareEpoch();
      await stage.settle(old, quota(9));
      expect(await limiter.status()).toMatchObject({ inUse: 0, foreign: 0 });
    });
  });
};
