import { Failure, type FailureKind, type UpstreamFacts } from './failures.ts';
import { boundedText } from './pipeline/vendor-text.ts';

/** What the vendor answered instead of data, and the little we must know of the question to understand it. */
export interface Refusal extends Omit<UpstreamFacts, 'status'> {
  readonly status: number;
  /** Whether the request named an interval: without one, a 422 cannot be about it. */
  readonly intervalSent: boolean;
  readonly retryAfterMs?: number | undefined;
}

/** The refusal as the rules read it. */
interface Said {
  readonly status: number;
  readonly code: string | undefined;
  readonly message: string;
  readonly intervalSent: boolean;
  /** Said by the HTTP status or by the body, whichever: most refusals come as HTTP 200 with a code. */
  readonly either: (...numbers: readonly number[]) => boolean;
  readonly eitherFrom: (first: number, last: number) => boolean;
}

interface Rule {
  readonly kind: FailureKind;
  readonly detail: string;
  readonly when: (said: Said) => boolean;
}

/**
 * The first rule that fits decides. Status, code and message are read together, since 401 means three things
 * (no key, no such plan, no permission) and 400 two (bad parameter, bad key), and only the message tells.
 */
const rules: readonly Rule[] = [
  {
    kind: 'upstream-throttled',
    detail: 'CoinGlass says that we send too much',
    when: ({ either }) => either(429),
  },
  {
    kind: 'upstream-unavailable',
    detail: 'CoinGlass has a fault of its own',
    when: ({ either, eitherFrom }) => either(408) || eitherFrom(500, 599),
  },
  {
    // Followed, it would carry the key to whatever host is named there.
    kind: 'upstream-rejected',
    detail: 'CoinGlass redirects the request, which is not followed',
    when: ({ status }) => status >= 300 && status < 400,
  },
  {
    kind: 'upstream-credentials',
    detail: 'CoinGlass says that our key is missing or not valid',
    when: ({ either, message }) =>
      either(400, 401, 403) &&
      /\bapi[ -_]?key\b/i.test(message) &&
      /missing|invalid|not valid|expired|disabled|unknown/i.test(message),
  },
  {
    kind: 'interval-not-available',
    detail: 'CoinGlass does not offer this interval under our plan',
    when: ({ message }) => /\binterval\b.*\bis not (available|supported)\b/i.test(message),
  },
  {
    kind: 'plan-not-entitled',
    detail: 'CoinGlass asks for a higher plan',
    when: ({ either, message, intervalSent }) =>
      /\bupgrade\b.*\bplan\b/i.test(message) ||
      ((either(401, 402) || (either(403) && !intervalSent)) &&
        /\bupgrade\b|\bplan\b|\bsubscription\b/i.test(message)),
  },
  {
    kind: 'unknown-instrument',
    detail: 'CoinGlass knows no such pair on this exchange',
    when: ({ message }) => /\b(pair|symbol|instrument)\b.*\bdoes not exist\b/i.test(message),
  },
  {
    // An HTTP 403 without an envelope comes from something in front of the vendor, and not because of the interval.
    kind: 'interval-not-available',
    detail: 'CoinGlass does not offer this interval for this question',
    when: ({ either, status, code, intervalSent }) =>
      intervalSent && (either(422) || code === '403' || (status === 403 && code !== undefined)),
  },
  {
    kind: 'upstream-credentials',
    detail: 'CoinGlass does not accept our key',
    when: ({ either }) => either(401),
  },
  {
    kind: 'upstream-rejected',
    detail: 'CoinGlass did not accept the request',
    when: ({ eitherFrom }) => eitherFrom(400, 499),
  },
];

const otherwise = {
  kind: 'upstream-unavailable',
  detail: 'CoinGlass answered with a code that it does not document',
} as const;

/**
 * The one reading of a refusal. The detail is ours and may be shown to anyone; what the vendor wrote goes into
 * `upstream` only, bounded and printable. Secrets must be masked before.
 */
export const classify = ({ intervalSent, retryAfterMs, ...facts }: Refusal): Failure => {
  const said = reading(facts, intervalSent);
  const { kind, detail } = rules.find(({ when }) => when(said)) ?? otherwise;
  return new Failure(kind, detail, {
    upstream: {
      ...facts,
      ...(facts.code !== undefined && { code: boundedText(facts.code, 32) }),
      ...(facts.message !== undefined && { message: boundedText(facts.message) }),
    },
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
};

const reading = (
  { status, code, message = '' }: Pick<Refusal, 'status' | 'code' | 'message'>,
  intervalSent: boolean,
): Said => {
  const codeNumber = code !== undefined && /^\d{3}$/.test(code) ? Number(code) : undefined;
  const numbers = codeNumber === undefined ? [status] : [status, codeNumber];
  return {
    status,
    code,
    message,
    intervalSent,
    either: (...wanted) => numbers.some((number) => wanted.includes(number)),
    eitherFrom: (first, last) => numbers.some((number) => number >= first && number <= last),
  };
};
