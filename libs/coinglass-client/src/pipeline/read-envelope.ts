import { classify } from '../classify.ts';
import { Failure, type UpstreamFacts } from '../failures.ts';
import type { Attempt, ObservedAttempt, RawAnswer, Send } from './call.ts';
import { Garbled } from './garbled.ts';
import type { Mask } from './mask.ts';
import { rawMember } from './raw-member.ts';
import { sentParams, upstreamPath } from './upstream-url.ts';
import { boundedText, snippetOf } from './vendor-text.ts';

/** A success as the vendor means it: HTTP 200 and code 0. Its `data` has not been looked at yet. */
export interface Envelope {
  readonly data: unknown;
  /** The text of `data`, as it was sent. */
  readonly vendorData: string;
  readonly answer: RawAnswer;
}

/**
 * Tells success from refusal: a 200 with code "429" is no answer. What a refusal means is read in `classify`;
 * whether the data is what we expect, in `read-data`.
 */
export const readEnvelope =
  (
    { mask }: { readonly mask: Mask },
    next: Send<Attempt, RawAnswer>,
  ): Send<ObservedAttempt, Envelope> =>
  async (attempt) => {
    const answer = await next(attempt);
    attempt.observe(answer);
    const body = parsed(answer.body);
    const envelope = isObject(body) ? body : undefined;
    const code = envelope && codeOf(envelope);
    const facts = () => factsOf(attempt, answer, mask);

    if (answer.status === 200) {
      if (body === undefined) throw new Garbled('The answer is no JSON', { upstream: facts() });
      if (!envelope)
        throw new Failure('upstream-malformed', 'The answer is no envelope', { upstream: facts() });
      if (code === '0') {
        const vendorData = rawMember(answer.body, 'data');
        if (vendorData !== undefined) return { data: envelope.data, vendorData, answer };
        throw new Failure('upstream-malformed', 'The answer has no data', {
          upstream: { ...facts(), code },
        });
      }
    }
    const message = envelope?.msg;
    throw classify({
      ...facts(),
      status: answer.status,
      ...(code !== undefined && { code: mask(code) }),
      ...(typeof message === 'string' && { message: mask(message) }),
      intervalSent: attempt.params.interval !== undefined,
      retryAfterMs: answer.retryAfterMs,
    });
  };

/** What a failure tells of the answer behind it. */
export const factsOf = (
  attempt: Attempt,
  { status, body }: RawAnswer,
  mask: Mask,
): UpstreamFacts => ({
  status,
  path: upstreamPath(attempt.endpoint),
  params: Object.fromEntries(
    Object.entries(sentParams(attempt)).map(([name, value]) => [name, boundedText(mask(value))]),
  ),
  snippet: snippetOf(body, mask),
});

/** Undefined when the text is no JSON; JSON itself cannot say undefined. */
const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The vendor writes "0"; some clients saw the number. */
const codeOf = ({ code }: Record<string, unknown>) =>
  typeof code === 'string' || typeof code === 'number' ? String(code) : undefined;
