import { failures, rowFacts, type Endpoint, type FailureKind } from '@glasshouse/coinglass-client';
import type { GatewayAnswer } from './gateway.ts';
import type { Question } from './question.ts';
import { withRunbook, type VerifyRow } from './verify-row.ts';

/** The gateway lets nobody in without a key, or not with this one: it would say so to every request. */
export class NoEntry extends Error {
  override readonly name = 'NoEntry';
}

type Judged = Omit<VerifyRow, 'face' | 'endpoint' | 'request' | 'durationMs'>;

interface Envelope {
  readonly code?: unknown;
  readonly data?: unknown;
  readonly meta?: {
    readonly source?: unknown;
    readonly staleReason?: string;
    readonly fallback?: { readonly from: string; readonly to: string };
  };
}

interface Problem {
  readonly kind?: unknown;
  readonly detail?: unknown;
  readonly upstream?: unknown;
  readonly traceId?: unknown;
}

const snippetBytes = 512;

/** @throws NoEntry when the gateway asks for a key */
export const judgeGatewayAnswer = (question: Question, answer: GatewayAnswer): VerifyRow => {
  const { face, endpoint, path } = question;
  const judged =
    answer.status === 200 ? judgeSuccess(endpoint, answer) : judgeProblem(endpoint, answer);
  const traceId = answer.headers.get('x-trace-id');
  return withRunbook(
    {
      ...judged,
      ...{ face, endpoint: endpoint.id, request: path, status: answer.status },
      durationMs: answer.durationMs,
      ...(traceId !== null && { traceId }),
    },
    'request',
  );
};

const judgeSuccess = (endpoint: Endpoint, { body, headers, text }: GatewayAnswer): Judged => {
  const { code, data, meta } = (isObject(body) ? body : {}) as Envelope;
  const shape = endpoint.data.safeParse(data);
  const cache = headers.get('x-cache');
  if (code !== '0' || cache === null || typeof meta?.source !== 'string') {
    return { verdict: 'fail', kind: 'internal', detail: 'no envelope of this house', ...cut(text) };
  }
  const { count } = rowFacts(endpoint, {}, data, Date.now(), 'enterprise');
  const facts = { source: meta.source, cache, ageSeconds: Number(headers.get('age')), rows: count };
  if (!shape.success) {
    const place = ['data', ...(shape.error.issues[0]?.path ?? [])].map(String).join('.');
    const detail = `${place} is not as the catalogue says`;
    return { verdict: 'fail', kind: 'upstream-malformed', detail, ...facts };
  }
  const { fallback, staleReason } = meta;
  const reservations = [
    count === 0 && 'answered without a single row',
    // What is being renewed beside the answer is the house at work.
    staleReason !== undefined && staleReason !== 'revalidating' && `stale: ${staleReason}`,
    fallback && `${fallback.from} refused, ${fallback.to} served`,
  ].filter((each) => typeof each === 'string');
  return reservations.length === 0
    ? { verdict: 'pass', ...facts }
    : { verdict: 'warn', detail: reservations.join('; '), ...facts };
};

/** We did not ask, for a reason of our own: no verdict on CoinGlass. */
const ownReasons: readonly unknown[] = [
  'endpoint-disabled',
  'egress-disabled',
  'queue-full',
  'team-quota',
] satisfies FailureKind[];

const judgeProblem = (endpoint: Endpoint, { body, text, status }: GatewayAnswer): Judged => {
  const { kind, detail, upstream } = (isObject(body) ? body : {}) as Problem;
  if (typeof kind !== 'string' || typeof detail !== 'string' || !Object.hasOwn(failures, kind)) {
    return {
      verdict: 'fail',
      kind: 'internal',
      detail: `HTTP ${status}, no problem of this house`,
      ...cut(text),
    };
  }
  if (kind === 'unauthenticated' || kind === 'forbidden-scope') throw new NoEntry(detail);
  return { verdict: verdictOn(endpoint, { kind, detail, upstream }), kind, detail };
};

const verdictOn = (
  endpoint: Endpoint,
  { kind, detail, upstream }: Problem,
): VerifyRow['verdict'] => {
  if (isMeant(endpoint, { kind, detail, asked: upstream !== undefined })) return 'pass';
  return ownReasons.includes(kind) ? 'warn' : 'fail';
};

/**
 * A refusal that is as it should be: the plan does not include the endpoint, the house knew it without asking, and says what to read
 * instead.
 */
export const isMeant = (
  { insteadUse = '' }: Pick<Endpoint, 'insteadUse'>,
  { kind, detail, asked }: { kind: unknown; detail: unknown; asked: boolean },
): boolean =>
  kind === 'plan-not-entitled' &&
  !asked &&
  typeof detail === 'string' &&
  detail.includes(insteadUse);

const cut = (text: string): { snippet: string } => ({
  snippet: Buffer.from(text)
    .subarray(0, snippetBytes)
    .toString()
    .replace(/\ufffd+$/, ''),
});

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
