import { describe, expect, it } from '@jest/globals';
import {
  MINUTE,
  LEASE,
  CUT,
  take,
  takeMany,
  permit,
  permitsOf,
  isPermit,
  answered,
  type Stage,
} from './stage.ts';

/** How long a slot is held, by what became of its request. */
export const describeSlots = (stage: Stage): void => {
  describe('slots', () => {
    it('grants up to the limit at once, then says how long the next one takes', async () => {
      const { limiter } = await stage.started(3);
      const taken = await takeMany(limiter, 4);
      expect(permitsOf(taken)).toHaveLength(3);
      expect(taken[3]).toEqual({ waitMs: MINUTE + CUT, because: 'limit' });
      expect(await limiter.status()).toMatchObject({ limit: 3, inUse: 3 });
    });

    it('frees a slot one window after its answer, not after its grant', async () => {
      const { limiter } = await stage.started(1);
      const first = await permit(limiter);
      await stage.world.advance(5_000);
      await stage.settle(first, answered);
      await stage.world.advance(MINUTE);
      expect(await take(limiter)).toEqual({ waitMs: CUT, because: 'limit' });
      await stage.world.advance(CUT);
      expect(isPermit(await take(limiter))).toBe(true);
    });

    it('keeps the slot of a request that may still arrive for lease + window', async () => {
      const { limiter } = await stage.started(1);
      await stage.settle(await permit(limiter), { kind: 'unknown' });
      await stage.world.advance(MINUTE + LEASE);
      expect(isPermit(await take(limiter))).toBe(false);
      await stage.world.advance(CUT);
      expect(isPermit(await take(limiter))).toBe(true);
    });

    it('frees the slot of a process that died when lease + window have passed', async () => {
      const { limiter } = await stage.started(1);
      await permit(limiter);
      const other = stage.world.process({ limit: 1 }).limiter;
      await stage.world.advance(MINUTE + LEASE);
      expect(isPermit(await take(other))).toBe(false);
      await stage.world.advance(CUT);
      expect(isPermit(await take(other))).toBe(true);
    });

    it('holds the slot longer when the answer comes after its lease', async () => {
      const { limiter } = await stage.started(1);
      const late = await permit(limiter);
      await stage.world.advance(LEASE + 20_000);
      await stage.settle(late, answered);
      await stage.world.advance(MINUTE);
      expect(isPermit(await take(limiter))).toBe(false);
      await stage.world.advance(CUT);
      expect(isPermit(await take(limiter))).toBe(true);
    });

    it('gives back the slot of a request that was never sent', async () => {
      const { limiter } = await stage.started(1);
      const unused = await permit(limiter);
      expect(isPermit(await take(limiter))).toBe(false);
      await stage.settle(unused, { kind: 'never-sent' });
      expect(isPermit(await take(limiter))).toBe(true);
    });

    it('counts only the first settlement of a permit', async () => {
      const { limiter } = await stage.started(1);
      const once = await permit(limiter);
      await stage.settle(once, { kind: 'unknown' });
      await stage.settle(once, { kind: 'never-sent' });
      expect(isPermit(await take(limiter))).toBe(false);
    });

    it('shares the slots among all processes', async () => {
      const { limiter } = await stage.started(5);
      const other = stage.world.process({ limit: 5 }).limiter;
      expect(permitsOf(await takeMany(limiter, 3))).toHaveLength(3);
      expect(permitsOf(await takeMany(other, 3))).toHaveLength(2);
    });

    it('holds a permit fresh for 2 s from the asking', async () => {
      const { limiter } = await stage.started(1);
      const aging = await permit(limiter);
      await stage.world.advance(1_999);
      expect(aging.isFresh()).toBe(true);
      await stage.world.advance(1);
      expect(aging.isFresh()).toBe(false);
    });

    it('does not hold slots for ever when the clock of the store is set back', async () => {
      const { limiter } = await stage.started(1);
      await permit(limiter);
      await stage.world.setStoreClockBy(-24 * 60 * MINUTE);
      expect(isPermit(await take(limiter))).toBe(false);
      await stage.world.advance(2 * MINUTE + CUT);
      expect(isPermit(await take(limiter))).toBe(true);
    });

    it('nor those that were settled long after the last grant', async () => {
      const { limiter } = await stage.started(1);
      const late = await permit(limiter);
      await stage.world.advance(120 * MINUTE);
      await stage.settle(late, answered);
      await stage.world.setStoreClockBy(-60 * MINUTE);
      expect(isPermit(await take(limiter))).toBe(false);
      await stage.world.advance(2 * MINUTE + CUT);
      expect(isPermit(await take(limiter))).toBe(true);
    });
  });
};
