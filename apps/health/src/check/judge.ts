import {
  asFailure,
  intervalMs,
  type FailureKind,
  type Interval,
  type UpstreamFacts,
} from '@glasshouse/coinglass-client';
import type { AnswerFacts, JobResult } from '@glasshouse/fetch-queue';
import type { FlagsSource } from '@glasshouse/flags';
import type { Finding, RowResult } from './result.ts';
import { NotTaken } from './road.ts';

/** What a request row asked, in the words it asked in. */
export interface Question {
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly interval?: Interval;
}

/** A series whose newest candle ended longer ago than this many intervals is old news. */
const intervalsBehindMax = 2;

/** An opened stream that needed longer than this works, but not as it should. */
const streamSlowMs = 5_000;

/** The vendor's clock is told in whole seconds and some ms late; more than this is no rounding. Candles are taken for closed by it. */
const clockApartMs = 2_000;

/** We did not ask, for a reason of our own: no verdict on the vendor. */
const ownReasons: ReadonlySet<string> = new Set<FailureKind>([
  'queue-full',
  'endpoint-disabled',
  'egress-disabled',
]);

/** An answered request: passed, unless something was served that differs from what was asked or expected. */
export const judgeAnswer = (
  question: Question,
  result: JobResult,
  facts: AnswerFacts | undefined,
  now: number,
): Finding => {
  const { interval, path } = question;
  const { permits, servedInterval, source, quotaUsed, quotaLimit, clockAheadMs } = result;
  const widened =
    interval !== undefined && servedInterval !== undefined && servedInterval !== interval;
  const reservation = widened
    ? `${interval} refused, ${servedInterval} served`
    : reservationAbout(facts, interval, now);
  return {
    verdict: reservation === undefined ? 'pass' : 'warn',
    status: 200,
    code: '0',
    permits,
    path,
    params: facts?.params ?? question.params,
    ...(reservation !== undefined && { detail: reservation }),
    ...(interval !== undefined && { interval }),
    ...(widened && { fallback: { from: interval, to: servedInterval } }),
    ...(source !== undefined && { source }),
    ...(quotaUsed !== undefined &&
      quotaLimit !== undefined && { quota: { used: quotaUsed, limit: quotaLimit } }),
    ...(clockAheadMs !== undefined && { clockAheadMs }),
  };
};

/** An answer can be well-formed and say nothing, or nothing new. */
const reservationAbout = (
  facts: AnswerFacts | undefined,
  interval: Interval | undefined,
  now: number,
): string | undefined => {
  if (facts?.rows === 0) return 'answered without a single row';
  if (interval === undefined || facts?.coverage === undefined) return undefined;
  const behindMs = now - facts.coverage.to;
  return behindMs > intervalsBehindMax * intervalMs[interval]
    ? `newest candle ended ${Math.round(behindMs / 60_000)} min ago`
    : undefined;
};

/** A request that failed, or was never made. */
export const judgeThrown = (question: Question, thrown: unknown): Finding => {
  const asked = {
    path: question.path,
    params: question.params,
    ...(question.interval !== undefined && { interval: question.interval }),
  };
  if (thrown instanceof NotTaken) {
    return { verdict: 'fail', kind: 'not-taken', detail: thrown.message, permits: 0, ...asked };
  }
  const { kind, detail, upstream } = asFailure(thrown);
  // A series may have met it on the way to the table of instruments, which is another endpoint.
  const own = upstream?.path === undefined || upstream.path === question.path;
  const words = [
    kind === 'queue-full' && 'skipped (quota):',
    upstream?.message ?? detail,
    !own && `(met by ${upstream.path})`,
  ];
  return {
    verdict: ownReasons.has(kind) ? 'warn' : 'fail',
    kind,
    detail: words.filter((word) => typeof word === 'string').join(' '),
    permits: upstream === undefined ? 0 : 1,
    ...asked,
    ...(own && vendorSaid(upstream)),
  };
};

const vendorSaid = ({ status, code, params, snippet }: UpstreamFacts = {}): Partial<Finding> => ({
  ...(params !== undefined && { params }),
  ...(status !== undefined && { status }),
  ...(code !== undefined && { code }),
  ...(snippet !== undefined && { snippet }),
});

/** An opened stream. It costs no permit (the vendor counts requests), and cannot tell the sandbox from a custom upstream. */
export const judgeStream = ({ openMs, pongMs }: JobResult): Finding => {
  const slowestMs = Math.max(openMs ?? 0, pongMs ?? 0);
  const slow = slowestMs > streamSlowMs;
  const detail = [
    openMs !== undefined && `open in ${Math.round(openMs)} ms`,
    pongMs !== undefined && `pong in ${Math.round(pongMs)} ms`,
    slow && 'slow',
  ].filter((part) => part !== false);
  return {
    verdict: slow ? 'warn' : 'pass',
    permits: 0,
    ...(detail.length > 0 && { detail: detail.join(', ') }),
  };
};

/** Whether CoinGlass accepts the key, by what the requests of the run met. Health has no key to look at. */
export const judgeKey = (before: readonly RowResult[]): Finding => {
  const requests = before.filter(({ subject }) => subject === 'request');
  const refused = requests.filter(({ kind }) => kind === 'upstream-credentials');
  const accepted = requests.filter(({ verdict, code }) => verdict !== 'fail' && code === '0');
  const [source] = accepted.flatMap((row) => row.source ?? []);
  if (refused.length > 0) {
    const detail = `refused in ${refused.length} of ${requests.length} requests`;
    return {
      verdict: accepted.length > 0 ? 'warn' : 'fail',
      kind: 'upstream-credentials',
      detail,
      permits: 0,
    };
  }
  if (accepted.length === 0) return { verdict: 'skipped', detail: 'no request was answered' };
  const by = source === 'sandbox' ? 'the sandbox' : 'CoinGlass';
  return { verdict: 'pass', detail: `present and accepted by ${by}`, permits: 0 };
};

/** How far the vendor's clock and the fetcher's are apart, by the answers of the run. */
export const judgeClock = (before: readonly RowResult[]): Finding => {
  const told = before.flatMap(({ clockAheadMs }) => clockAheadMs ?? []);
  // One answer from a cache may carry an old date; the nearest one is the truest.
  const nearest = told.toSorted((a, b) => Math.abs(a) - Math.abs(b))[0];
  if (nearest === undefined) return { verdict: 'skipped', detail: 'no answer told the time' };
  const apart = Math.abs(nearest) > clockApartMs;
  const seconds = `${(Math.abs(nearest) / 1_000).toFixed(1)} s ${nearest >= 0 ? 'ahead of' : 'behind'}`;
  return {
    verdict: apart ? 'warn' : 'pass',
    permits: 0,
    clockAheadMs: nearest,
    detail: `CoinGlass is ${seconds} the fetcher, by its Date header`,
    ...(apart && { kind: 'clock' }),
  };
};

/** Where the flags come from. Only an old copy is worth a warning: a switch thrown now would not be seen. */
export const judgeFlags = ({ from, version, stale, staleForMs }: FlagsSource): Finding => {
  const words = {
    redis: `document ${version ?? '?'} in Redis`,
    'last-known-good': `document ${version ?? '?'}, as it was last seen (last-known-good file)`,
    file: 'the file of the repository; nobody has changed a flag in Redis',
  };
  const age = staleForMs === undefined ? '' : ` for ${Math.round(staleForMs / 1_000)} s`;
  const isOld = stale || from === 'last-known-good';
  return {
    verdict: isOld ? 'warn' : 'pass',
    permits: 0,
    detail: `${words[from]}${stale ? `, stale${age}` : ''}`,
  };
};
