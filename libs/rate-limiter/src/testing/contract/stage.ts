import type { Lane } from '../../lanes.ts';
import type {
  Permit,
  PermitWait,
  RateLimiter,
  Settlement,
  TeamShare,
  Turn,
} from '../../rate-limiter.ts';
import type { Process, World } from '../world.ts';

export const MINUTE = 60_000;
export const LEASE = 30_000;
/** The whole ms by which a slot is freed late, because the store's clock is cut to whole ms. */
export const CUT = 1;

/** The world of the test that runs, and the moves all tests make in it. */
export class Stage {
  world!: World;

  /** A process on a store that has an epoch. */
  async started(limit: number, more: { random?: () => number } = {}): Promise<Process> {
    const process = this.world.process({ limit, ...more });
    await process.limiter.declareEpoch();
    await process.limiter.start();
    return process;
  }

  /** A settlement, and the time for it to reach the store. */
  async settle(settled: Permit, settlement: Settlement): Promise<void> {
    settled.settle(settlement);
    await this.world.advance(0);
  }
}

interface Wish {
  readonly lane?: Lane;
  readonly team?: TeamShare;
  readonly turn?: Turn;
  readonly waitMaxMs?: number;
  readonly signal?: AbortSignal;
}

export const take = (
  limiter: RateLimiter,
  {
    lane = 'interactive',
    team = { id: 'alpha', weight: 1 },
    turn,
    waitMaxMs = 0,
    signal = new AbortController().signal,
  }: Wish = {},
): Promise<Permit | PermitWait> =>
  limiter.take({ lane, arm: 'baseline', team, ...(turn && { turn }), signal, waitMaxMs });

export const takeMany = (limiter: RateLimiter, count: number, wish: Wish = {}) =>
  Promise.all(Array.from({ length: count }, () => take(limiter, wish)));

export const isPermit = (taken: Permit | PermitWait): taken is Permit => 'settle' in taken;
export const permitsOf = (taken: readonly (Permit | PermitWait)[]): Permit[] =>
  taken.filter(isPermit);

export const permit = async (limiter: RateLimiter, wish: Wish = {}): Promise<Permit> => {
  const taken = await take(limiter, wish);
  if (!isPermit(taken)) throw new Error(`no permit: ${JSON.stringify(taken)}`);
  return taken;
};

export const answered: Settlement = { kind: 'answered', succeeded: true };
export const refused: Settlement = { kind: 'answered', succeeded: false };
export const quota = (used: number | undefined, limit?: number): Settlement => ({
  kind: 'answered',
  succeeded: true,
  quota: { ...(used !== undefined && { used }), ...(limit !== undefined && { limit }) },
});
