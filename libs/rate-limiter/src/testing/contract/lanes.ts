import { describe, expect, it } from '@jest/globals';
import type { Lane } from '../../lanes.ts';
import type { RateLimiter } from '../../rate-limiter.ts';
import { MINUTE, take, takeMany, permit, permitsOf, isPermit, type Stage } from './stage.ts';

/** What each lane may fill, and how fast. */
export const describeLanes = (stage: Stage): void => {
  describe('lanes', () => {
    const bulkGrants = async (limiter: RateLimiter, count: number) => {
      const at: number[] = [];
      const start = stage.world.clock.now();
      for (let n = 0; n < count; n += 1) {
        void take(limiter, { lane: 'bulk', waitMaxMs: 10 * MINUTE }).then(() =>
          at.push(stage.world.clock.now() - start),
        );
      }
      await stage.world.advance(MINUTE);
      return at;
    };

    it('paces bulk evenly over the window, with a small burst to catch up', async () => {
      const { limiter } = await stage.started(100);
      const at = await bulkGrants(limiter, 200);
      expect(at.slice(0, 4)).toEqual([0, 0, 0, 0]);
      const gaps = at.slice(4).map((time, index) => time - at[index + 3]!);
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(666);
      expect(Math.max(...gaps)).toBeLessThanOrEqual(668);
    });

    it('lets bulk fill 90 % of the limit and no more', async () => {
      const { limiter } = await stage.started(100);
      const at = await bulkGrants(limiter, 200);
      expect(at).toHaveLength(90);
      expect(permitsOf(await takeMany(limiter, 20))).toHaveLength(10);
    });

    it('grants bulk nothing while others fill its share', async () => {
      const { limiter } = await stage.started(10);
      await takeMany(limiter, 9);
      expect(isPermit(await take(limiter, { lane: 'bulk' }))).toBe(false);
      expect(isPermit(await take(limiter, { lane: 'probe' }))).toBe(true);
    });

    it('lets interactive and probe fill the limit', async () => {
      const { limiter } = await stage.started(10);
      expect(permitsOf(await takeMany(limiter, 6, { lane: 'probe' }))).toHaveLength(6);
      expect(permitsOf(await takeMany(limiter, 6))).toHaveLength(4);
    });

    it('knows no other lane', async () => {
      const { limiter } = await stage.started(10);
      const lane = 'express' as Lane;
      await expect(take(limiter, { lane })).rejects.toThrow(RangeError);
    });

    it('tells lane and arm with the permit', async () => {
      const { limiter } = await stage.started(10);
      expect(await permit(limiter, { lane: 'probe' })).toMatchObject({
        lane: 'probe',
        arm: 'baseline',
      });
    });
  });
};
