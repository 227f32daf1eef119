import { describe, expect, it } from '@jest/globals';
import { MINUTE, take, takeMany, permitsOf, type Stage } from './stage.ts';

/** What a process leaves behind that stops in order. */
export const describeClosing = (stage: Stage): void => {
  describe('closing', () => {
    it('tells the store what was settled, and refuses those who wait or come later', async () => {
      const { limiter } = await stage.started(2);
      const [used] = permitsOf(await takeMany(limiter, 2));
      const waiting = take(limiter, { waitMaxMs: 5 * MINUTE });
      await stage.world.advance(10);
      used!.settle({ kind: 'never-sent' });
      const closing = limiter.close();
      await expect(waiting).rejects.toMatchObject({ name: 'RateLimiterUnavailable' });
      await closing;
      expect(await limiter.status()).toMatchObject({ inUse: 1 });
      await expect(take(limiter)).rejects.toMatchObject({ name: 'RateLimiterUnavailable' });
    });
  });
};
