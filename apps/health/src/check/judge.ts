import {
  asFailure,
  intervalMs,
  type FailureKind,
  type Interval,
  type UpstreamFacts,
} from '@glasshouse/coinglass-client';
import type { AnswerFacts, JobResult } from '@glasshouse/fetch-queue';
import type { Finding } from './result.ts';
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

/** We did not ask, for a reason of our own: no verdict on the vendor. */
const ownReasons: ReadonlySet<string> = new Set<FailureKind>([
  'queue-full',
  'endpoint-disabled',
  'egress-disabled',
]);

/** Refusals the fetcher remembers for minutes: the row may have cost nothing. */
const rememberedKinds: ReadonlySet<string> = new Set<FailureKind>([
  'upstream-credentials',
  'plan-not-entitled',
  'interval-not-available',
]);

/** An answered request: passed, unless something was served that differs from what was asked or expected. */
export const judgeAnswer = (
  question: Question,
  result: JobResult,
  facts: AnswerFacts | undefined,
  now: number,
): Finding => {
  const { interval, path } = question;
  const { permits, servedInterval, source } = result;
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
  // A remembered refusal still tells of the request that first met it, maybe of another endpoint.
  const own = upstream?.path === undefined || upstream.path === question.path;
  const sent = upstream !== undefined && own && !rememberedKinds.has(kind);
  return {
    verdict: ownReasons.has(kind) ? 'warn' : 'fail',
    kind,
    detail: `${upstream?.message ?? detail}${own ? '' : ' (remembered)'}`,
    permits: sent ? 1 : 0,
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
