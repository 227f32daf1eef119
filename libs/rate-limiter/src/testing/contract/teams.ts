import { describe, expect, it } from '@jest/globals';
import type { Permit, PermitWait, RateLimiter, TeamShare } from '../../rate-limiter.ts';
import { answered, isPermit, MINUTE, permitsOf, take, takeMany, type Stage } from './stage.ts';

const alpha: TeamShare = { id: 'alpha', weight: 1 };
const beta: TeamShare = { id: 'beta', weight: 1 };
const gamma: TeamShare = { id: 'gamma', weight: 3 };

/** How teams that want the same slots share them. */
export const describeTeams = (stage: Stage): void => {
  /** Keeps so many asks of a team waiting, each sent and answered at once, and notes when each had its permit. */
  const crowd = (limiter: RateLimiter, team: TeamShare, size: number) => {
    const grantedAt: number[] = [];
    const caller = new AbortController();
    const start = stage.world.clock.now();
    const one = async (): Promise<void> => {
      while (!caller.signal.aborted) {
        const taken = await take(limiter, {
          team,
          waitMaxMs: 10 * MINUTE,
          signal: caller.signal,
        }).catch((): PermitWait => ({ waitMs: 0, because: 'limit' }));
        if (!isPermit(taken)) return;
        grantedAt.push(stage.world.clock.now() - start);
        taken.settle(answered);
      }
    };
    for (let n = 0; n < size; n += 1) void one();
    return { grantedAt, stop: () => caller.abort(new Error('enough')) };
  };
  const between = (times: readonly number[], from: number, to: number): number =>
    times.filter((time) => time >= from && time < to).length;

  describe('teams', () => {
    it('let one that is alone use everything', async () => {
      const { limiter } = await stage.started(200);
      const { grantedAt, stop } = crowd(limiter, alpha, 8);
      await stage.world.advance(3 * MINUTE);
      stop();
      expect(between(grantedAt, 0, 1_000)).toBeGreaterThanOrEqual(190);
      expect(between(grantedAt, MINUTE, 2 * MINUTE)).toBeGreaterThanOrEqual(199);
      expect(between(grantedAt, 2 * MINUTE, 3 * MINUTE)).toBeGreaterThanOrEqual(199);
    });

    it('give one that comes back a permit within two seconds though another has filled the limit, whenever it comes', async () => {
      const { limiter } = await stage.started(200);
      const other = stage.world.process({ limit: 200 }).limiter;
      const { stop } = crowd(limiter, alpha, 20);
      await stage.world.advance(3 * MINUTE);
      const first: boolean[] = [];
      for (let n = 0; n < 9; n += 1) {
        await stage.world.advance(6_700);
        const taken = take(other, { team: { id: `late-${n}`, weight: 1 }, waitMaxMs: 2_000 });
        await stage.world.advance(2_000);
        first.push(isPermit(await taken));
      }
      stop();
      expect(first).toEqual(Array(9).fill(true));
    });

    it('give many who come back at once a permit one after the other, as evenly as the reserve falls free', async () => {
      const { limiter } = await stage.started(200);
      const other = stage.world.process({ limit: 200 }).limiter;
      const { stop } = crowd(limiter, alpha, 20);
      await stage.world.advance(3.4 * MINUTE);
      const late = Array.from({ length: 4 }, (_, n) =>
        take(other, { team: { id: `late-${n}`, weight: 1 }, waitMaxMs: MINUTE }),
      );
      await stage.world.advance(MINUTE);
      stop();
      const waits = permitsOf(await Promise.all(late)).map(({ waitedMs }) => waitedMs);
      const stepMs = MINUTE / 10;
      for (const [n, wait] of waits.entries()) expect(wait).toBeLessThanOrEqual(2_000 + n * stepMs);
      expect(waits).toHaveLength(4);
    });

    it('share what falls free by weight, and a team that comes back has its share within a window', async () => {
      const { limiter } = await stage.started(200);
      const other = stage.world.process({ limit: 200 }).limiter;
      const one = crowd(limiter, alpha, 20);
      await stage.world.advance(2.5 * MINUTE);
      const two = crowd(other, gamma, 20);
      await stage.world.advance(8 * MINUTE);
      one.stop();
      two.stop();
      // All slots fall free at the same time here, so a window's shares sway round the weights.
      const shareIn = (from: number, to: number): number => {
        const ofOne = between(one.grantedAt, 2.5 * MINUTE + from, 2.5 * MINUTE + to);
        const ofThree = between(two.grantedAt, from, to);
        expect(ofOne + ofThree).toBeGreaterThanOrEqual((194 * (to - from)) / MINUTE);
        return ofThree / (ofOne + ofThree);
      };
      expect(shareIn(0.5 * MINUTE, 1.5 * MINUTE)).toBeGreaterThan(0.7);
      expect(Math.abs(shareIn(0.5 * MINUTE, 6.5 * MINUTE) - 0.75)).toBeLessThan(0.05);
    });

    it('do not starve beside a runaway, which gains nothing by wanting more', async () => {
      const { limiter } = await stage.started(100);
      const runaway = crowd(limiter, alpha, 500);
      const [modest, third] = [crowd(limiter, beta, 2), crowd(limiter, gamma, 6)];
      await stage.world.advance(5 * MINUTE);
      for (const each of [runaway, modest, third]) each.stop();
      const steady = [runaway, modest, third].map(({ grantedAt }) =>
        between(grantedAt, MINUTE, 5 * MINUTE),
      );
      const all = steady.reduce((sum, count) => sum + count, 0);
      expect(all).toBeGreaterThanOrEqual(392);
      expect(steady.map((count) => Math.round((10 * count) / all))).toEqual([2, 2, 6]);
    });

    it('share bulk as well, and what a team backfills does not count against its reads', async () => {
      const { limiter } = await stage.started(100);
      const asks = (team: TeamShare) =>
        Array.from({ length: 60 }, () =>
          take(limiter, { lane: 'bulk', team, waitMaxMs: 10 * MINUTE }),
        );
      const served: string[] = [];
      for (const asked of [...asks(alpha), ...asks(beta)]) {
        void asked.then((taken) => isPermit(taken) && served.push(taken.team));
      }
      await stage.world.advance(50_000);
      const ofAlpha = served.filter((team) => team === alpha.id).length;
      expect(Math.abs(ofAlpha - served.length / 2)).toBeLessThanOrEqual(1);
      const room = 100 - served.length;
      expect(permitsOf(await takeMany(limiter, 100, { team: alpha }))).toHaveLength(room);
    });

    it('hold at most as many slots as their own quota, whatever is free', async () => {
      const { limiter } = await stage.started(20);
      const team = { ...alpha, permitsMax: 3 };
      const taken = await takeMany(limiter, 5, { team });
      const permits = permitsOf(taken);
      expect(permits).toHaveLength(3);
      expect(taken.slice(3)).toMatchObject([
        { waitMs: MINUTE + 1, because: 'team-quota' },
        { because: 'team-quota' },
      ]);
      expect(isPermit(await take(limiter, { team: beta }))).toBe(true);
      await stage.settle(permits[1]!, { kind: 'never-sent' });
      expect(isPermit(await take(limiter, { team }))).toBe(true);
      await stage.world.advance(2_000);
      expect(isPermit(await take(limiter, { team: { ...team, permitsMax: 4 } }))).toBe(true);
    });

    it('leave a slot that is theirs to others when they do not come for it', async () => {
      const { limiter } = await stage.started(1);
      const dead = stage.world.process({ limit: 1 }).limiter;
      await stage.settle((await take(limiter)) as Permit, answered);
      await stage.world.advance(1_000);
      const lost = new AbortController();
      void take(dead, { team: beta, waitMaxMs: 2 * MINUTE, signal: lost.signal }).catch(
        () => undefined,
      );
      await stage.world.advance(10);
      stage.world.kill(dead);
      const waiting = take(limiter, { waitMaxMs: 3 * MINUTE });
      await stage.world.advance(2 * MINUTE);
      expect(isPermit(await waiting)).toBe(true);
    });

    it.each([
      ['a name with a slash', { id: 'a/b', weight: 1 }],
      ['no weight', { id: 'a', weight: 0 }],
      ['a weight over 100', { id: 'a', weight: 101 }],
      ['a quota below nothing', { id: 'a', weight: 1, permitsMax: -1 }],
    ])('are refused with %s', async (_, team) => {
      const { limiter } = await stage.started(10);
      await expect(take(limiter, { team })).rejects.toThrow(RangeError);
    });
  });

  describe('a call that was told to come back', () => {
    it('keeps its place before those who came later', async () => {
      const { limiter } = await stage.started(1);
      const held = (await take(limiter)) as Permit;
      await stage.settle(held, answered);
      const turn = { id: 'job-1', since: stage.world.clock.now() };
      await stage.world.advance(1_000);
      expect(await take(limiter, { turn, waitMaxMs: 2_000 })).toMatchObject({ waitMs: 59_001 });
      const served: string[] = [];
      const later = take(limiter, { waitMaxMs: 5 * MINUTE }).then((taken) => {
        served.push('later');
        if (isPermit(taken)) taken.settle(answered);
      });
      await stage.world.advance(59_000);
      const back = take(limiter, { turn, waitMaxMs: 2_000 }).then((taken) => {
        served.push('first');
        if (isPermit(taken)) taken.settle(answered);
      });
      await stage.world.advance(2 * MINUTE);
      await Promise.all([back, later]);
      expect(served).toEqual(['first', 'later']);
    });

    it('is counted in what newcomers are told', async () => {
      const { limiter } = await stage.started(1);
      await stage.settle((await take(limiter)) as Permit, answered);
      const waits: number[] = [];
      for (const n of [1, 2, 3]) {
        const turn = { id: `job-${n}`, since: stage.world.clock.now() + n };
        const taken = await take(limiter, { turn, waitMaxMs: 0 });
        if (!isPermit(taken)) waits.push(taken.waitMs);
      }
      expect(waits).toEqual([MINUTE + 1, 2 * MINUTE + 1, 3 * MINUTE + 1]);
    });

    it('is not waited for when it gives up before its turn would come', async () => {
      const { limiter } = await stage.started(1);
      await stage.settle((await take(limiter)) as Permit, answered);
      const turn = { id: 'job-1', since: stage.world.clock.now(), withinMs: MINUTE };
      expect(await take(limiter, { turn })).toMatchObject({ waitMs: MINUTE + 1 });
      await stage.world.advance(1_000);
      expect(await take(limiter)).toMatchObject({ waitMs: MINUTE - 999 });
      await stage.world.advance(MINUTE);
      expect(isPermit(await take(limiter))).toBe(true);
    });
  });
};
