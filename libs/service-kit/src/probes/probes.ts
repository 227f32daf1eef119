import { within } from '../lifecycle/within.ts';
import { watchEventLoop } from './event-loop-lag.ts';

export type CheckStatus = 'pass' | 'warn' | 'fail';

/** One fact of `/health`, with the names of the health+json draft (draft-inadarei-api-health-check-06). */
export interface CheckResult {
  readonly status: CheckStatus;
  readonly output?: string;
  readonly observedValue?: string | number | boolean;
  readonly observedUnit?: string;
  readonly componentType?: string;
}

export type Check = () => Promise<CheckResult>;

/** What to answer, for whatever HTTP framework. */
export interface ProbeAnswer {
  readonly status: 200 | 503;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ProbesOptions {
  readonly service: string;
  readonly version: string;
  /** Asked every `everyMs`, never by a request. They must not spend vendor requests. */
  readonly checks: Readonly<Record<string, Check>>;
  /** Whether this process can do its work now; asked by `/readyz`, for at most a second. */
  readonly ready: () => Promise<boolean>;
  /** Applied to every `output`: errors of checks may quote addresses. */
  readonly mask?: (text: string) => string;
  readonly everyMs?: number;
  readonly checkTimeoutMs?: number;
  readonly lagMs?: () => number;
  readonly now?: () => number;
}

export interface Probes {
  /** Is the process alive? Only the event loop is asked: a sick Redis or vendor is no reason to be restarted. */
  livez(): ProbeAnswer;
  /** May requests be sent here? */
  readyz(): Promise<ProbeAnswer>;
  /** How is everything? From the last results; `warn` still answers 200. */
  health(): ProbeAnswer;
  /** Runs every check once, from now on; resolves when all have answered or timed out. */
  refresh(): Promise<void>;
  /** From now on `/readyz` says no: the first step of stopping. */
  drain(): void;
  stop(): void;
}

const lagMaxMs = 5_000;
const readyWithinMs = 1_000;
const headers = { 'content-type': 'application/health+json', 'cache-control': 'no-store' };

const worst = (statuses: readonly CheckStatus[]): CheckStatus =>
  statuses.includes('fail') ? 'fail' : statuses.includes('warn') ? 'warn' : 'pass';

/**
 * The three probes of a process as bodies and statuses. Requests read cached results only, so a probe storm costs
 * nothing and no probe reaches the vendor. Starts asking its checks at once; `stop()` ends that.
 */
export const createProbes = ({
  service,
  version,
  checks,
  ready,
  mask = (text) => text,
  everyMs = 5_000,
  checkTimeoutMs = 2_000,
  lagMs,
  now = Date.now,
}: ProbesOptions): Probes => {
  const loop = lagMs ? undefined : watchEventLoop();
  const lag = lagMs ?? (() => loop?.lagMs() ?? 0);
  const results = new Map<string, CheckResult & { readonly time: string }>();
  let draining = false;
  let refreshing: Promise<void> | undefined;

  const answer = (status: CheckStatus, more: object): ProbeAnswer => ({
    status: status === 'fail' ? 503 : 200,
    headers,
    body: { status, version, serviceId: service, ...more },
  });

  const ask = async (name: string, check: Check): Promise<void> => {
    const result = await within<CheckResult>(
      // A check that throws before its first await fails like any other.
      Promise.resolve()
        .then(check)
        .catch((error: unknown): CheckResult => ({
          status: 'fail',
          output: error instanceof Error ? error.message : String(error),
        })),
      checkTimeoutMs,
      () => ({ status: 'fail', output: `no result within ${checkTimeoutMs} ms` }),
    );
    results.set(name, {
      ...result,
      ...(result.output !== undefined && { output: mask(result.output) }),
      time: new Date(now()).toISOString(),
    });
  };

  const runChecks = (): Promise<void> => {
    refreshing ??= Promise.all(Object.entries(checks).map(([name, check]) => ask(name, check)))
      .then(() => undefined)
      .finally(() => {
        refreshing = undefined;
      });
    return refreshing;
  };
  const timer = setInterval(() => void runChecks(), everyMs).unref();
  void runChecks();

  return {
    livez: () => {
      const observedMs = Math.round(lag());
      const status = observedMs < lagMaxMs ? 'pass' : 'fail';
      return answer(status, {
        checks: {
          'event-loop:lag': [{ status, observedValue: observedMs, observedUnit: 'ms' }],
        },
      });
    },
    readyz: async () => {
      if (draining) return answer('fail', { output: 'stopping' });
      const isReady = await within(
        Promise.resolve()
          .then(ready)
          .catch(() => false),
        readyWithinMs,
        () => false,
      );
      return isReady ? answer('pass', {}) : answer('fail', { output: 'not ready' });
    },
    health: () => {
      const known = Object.keys(checks).map(
        (name) =>
          [
            name,
            results.get(name) ?? { status: 'warn' as const, output: 'not checked yet' },
          ] as const,
      );
      return answer(worst(known.map(([, { status }]) => status)), {
        checks: Object.fromEntries(known.map(([name, result]) => [name, [result]])),
      });
    },
    // One that runs already may have begun before what the caller wants seen.
    refresh: async () => {
      await refreshing;
      await runChecks();
    },
    drain: () => {
      draining = true;
    },
    stop: () => {
      clearInterval(timer);
      loop?.stop();
    },
  };
};
