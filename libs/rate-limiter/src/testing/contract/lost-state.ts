import { describe, expect, it } from '@jest/globals';
import type { PermitWait } from '../../rate-limiter.ts';
import {
  MINUTE,
  LEASE,
  CUT,
  take,
  takeMany,
  permit,
  isPermit,
  answered,
  type Stage,
} from './stage.ts';

/** What follows when the store has forgotten who was granted. */
export const describeLostState = (stage: Stage): void => {
  describe('a store that lost its state', () => {
    it('grants nobody for window + lease, and says so once', async () => {
      const { limiter, events } = await stage.started(10);
      const other = stage.world.process({ limit: 10 });
      await permit(limiter);
      await stage.world.advance(1_000);
      await stage.world.loseState();
      const blockedForMs = MINUTE + LEASE + CUT;
      expect(await take(other.limiter)).toEqual({ waitMs: blockedForMs, because: 'state-lost' });
      expect(await take(limiter)).toEqual({ waitMs: blockedForMs, because: 'state-lost' });
      expect(await limiter.status()).toMatchObject({ stateLostForMs: blockedForMs });
      const losses = [...events, ...other.events].filter(({ kind }) => kind === 'state-lost');
      expect(losses).toEqual([{ kind: 'state-lost', blockedForMs }]);
      await stage.world.advance(blockedForMs - 1);
      expect(isPermit(await take(limiter))).toBe(false);
      await stage.world.advance(1);
      expect(isPermit(await take(limiter))).toBe(true);
    });

    it('blocks when it has never had any, and begins to at the start of a process', async () => {
      const { limiter } = stage.world.process({ limit: 10 });
      expect(await limiter.status()).toMatchObject({ stateLostForMs: MINUTE + LEASE + CUT });
      await limiter.start();
      await stage.world.advance(MINUTE);
      expect(await take(limiter)).toEqual({ waitMs: LEASE + CUT, because: 'state-lost' });
    });

    it('does not block when somebody vouches that nothing was sent, before or after', async () => {
      const { limiter } = stage.world.process({ limit: 10 });
      await limiter.declareEpoch();
      expect(isPermit(await take(limiter))).toBe(true);
      await stage.world.loseState();
      expect(isPermit(await take(limiter))).toBe(false);
      await limiter.declareEpoch();
      expect(isPermit(await take(limiter))).toBe(true);
    });

    it('keeps nobody waiting who asked in the very moment somebody vouched', async () => {
      const { limiter } = stage.world.process({ limit: 10 });
      const waiting = take(limiter, { waitMaxMs: 10 * MINUTE });
      await Promise.resolve();
      await limiter.declareEpoch();
      await stage.world.advance(10);
      const nothingYet: PermitWait = { waitMs: 0, because: 'limit' };
      expect(isPermit(await Promise.race([waiting, Promise.resolve(nothingYet)]))).toBe(true);
    });

    it('keeps the slots when its epoch is declared again', async () => {
      const { limiter } = await stage.started(1);
      await permit(limiter);
      await limiter.declareEpoch();
      expect(isPermit(await take(limiter))).toBe(false);
    });

    it('counts as such when it comes back with a past in which newer grants are missing', async () => {
      const { limiter, events } = await stage.started(10);
      await permit(limiter);
      const putBack = await stage.world.rememberState();
      await takeMany(limiter, 5);
      await putBack();
      expect(await take(limiter)).toMatchObject({ because: 'state-lost' });
      expect(events.filter(({ kind }) => kind === 'state-lost')).toHaveLength(1);
    });

    it('does not count as such when nothing was granted since that past', async () => {
      const { limiter } = await stage.started(10);
      const kept = await permit(limiter);
      const putBack = await stage.world.rememberState();
      await stage.settle(kept, answered);
      await putBack();
      expect(isPermit(await take(limiter))).toBe(true);
    });

    it('takes the limit of whoever finds it', async () => {
      const { limiter } = await stage.started(10);
      await limiter.setFlagLimit(6);
      await stage.world.loseState();
      await take(limiter);
      expect(await limiter.status()).toMatchObject({ limit: 6 });
    });

    it('lets no settlement of an old permit touch a new slot', async () => {
      const { limiter } = await stage.started(1);
      const old = await permit(limiter);
      await stage.world.loseState();
      await limiter.declareEpoch();
      await permit(limiter);
      await stage.settle(old, { kind: 'never-sent' });
      expect(await take(limiter)).toMatchObject({ because: 'limit' });
    });
  });
};
