import { describe, expect, it } from '@jest/globals';
import type { PermitWait } from '../../rate-limiter.ts';
import {
  MINUTE,
  CUT,
  take,
  takeMany,
  permit,
  permitsOf,
  isPermit,
  answered,
  quota,
  type Stage,
} from './stage.ts';

/** Which of the limits counts. */
export const describeLimitInForce = (stage: Stage): void => {
  describe('the limit in force', () => {
    it('is the least of configured, flag and vendor, for everybody', async () => {
      const { limiter, events } = await stage.started(10);
      const other = stage.world.process({ limit: 10 });
      await stage.settle(await permit(limiter), quota(undefined, 8));
      expect(await other.limiter.status()).toMatchObject({ limit: 8 });
      await other.limiter.setFlagLimit(5);
      expect(await limiter.status()).toMatchObject({ limit: 5 });
      expect(permitsOf(await takeMany(limiter, 9))).toHaveLength(4);
      expect(events).toContainEqual({ kind: 'limit-changed', from: 10, to: 8 });
      expect(events).toContainEqual({ kind: 'limit-changed', from: 8, to: 5 });
      await other.limiter.setFlagLimit(undefined);
      expect(await limiter.status()).toMatchObject({ limit: 8 });
    });

    it('is never raised by what the vendor allows', async () => {
      const { limiter } = await stage.started(10);
      await stage.settle(await permit(limiter), quota(undefined, 300));
      expect(await limiter.status()).toMatchObject({ limit: 10 });
    });

    it('is not taken from a header that makes no sense', async () => {
      const { limiter } = await stage.started(10);
      for (const limit of [0, -5, Number.NaN, 2.5]) {
        await stage.settle(await permit(limiter), quota(undefined, limit));
      }
      expect(await limiter.status()).toMatchObject({ limit: 10 });
    });

    it('is the one last announced, whatever a process is configured for', async () => {
      const { limiter } = await stage.started(4);
      const other = stage.world.process({ limit: 100 });
      expect(permitsOf(await takeMany(other.limiter, 9))).toHaveLength(4);
      expect(other.events).toEqual([{ kind: 'limit-changed', from: 100, to: 4 }]);
      await other.limiter.start();
      expect(await limiter.status()).toMatchObject({ limit: 100 });
    });

    it('grants nothing while a lowered limit is overdrawn, and says when it is not any more', async () => {
      const { limiter } = await stage.started(10);
      const held = permitsOf(await takeMany(limiter, 10));
      for (const each of held) {
        await stage.settle(each, answered);
        await stage.world.advance(1_000);
      }
      await limiter.setFlagLimit(3);
      // The slots fall free one a second; the eighth of them is the first below the new limit.
      expect((await take(limiter)) as PermitWait).toEqual({
        waitMs: MINUTE + CUT - 10_000 + 7_000,
        because: 'limit',
      });
    });

    it('wakes those who wait when the flag raises it', async () => {
      const { limiter } = await stage.started(10);
      await limiter.setFlagLimit(1);
      await permit(limiter);
      const waiting = take(limiter, { waitMaxMs: 2 * MINUTE });
      await stage.world.advance(100);
      await limiter.setFlagLimit(2);
      expect(isPermit(await waiting)).toBe(true);
    });

    it('refuses a flag that is no number of requests', async () => {
      const { limiter } = await stage.started(10);
      await expect(limiter.setFlagLimit(0)).rejects.toThrow(RangeError);
      await expect(limiter.setFlagLimit(Number.NaN)).rejects.toThrow(RangeError);
    });
  });
};
