import { Failure, joinFallbacks, nearest, sameName } from '@glasshouse/coinglass-client';
import type { Pointer, StoredAnswer } from '@glasshouse/fetch-queue';
import type { Ask } from '../asks/ask.ts';
import { metaOf } from './meta.ts';
import { Representation } from './representation.ts';

/** Puts the stored bytes into the envelope. Parses them only when a part of them is asked for. */
export const render = (
  ask: Ask,
  { facts, data }: StoredAnswer,
  pointer?: Pointer,
): Representation =>
  new Representation(
    ask.narrowTo === undefined ? data : narrow(data, ask.narrowTo),
    metaOf(ask, facts, joinFallbacks(ask.planFallback, pointer?.fallback)),
    {
      ...facts,
      // An answer in place of the one asked for is good for as long as the refusal is remembered.
      ...(pointer && { freshUntil: Math.min(facts.freshUntil, pointer.until) }),
    },
  );

/** One exchange of a map keyed by exchange, still as a map; names are compared as everywhere, without case and punctuation. */
const narrow = (data: Buffer, asked: string): Buffer => {
  const byExchange = JSON.parse(data.toString()) as Record<string, unknown>;
  const listed = Object.keys(byExchange);
  const exchange =
    listed.find((name) => name === asked) ?? listed.find((name) => sameName(name, asked));
  if (exchange === undefined) {
    throw new Failure('unknown-instrument', `No exchange "${asked}" is in this list`, {
      errors: [
        {
          field: 'exchange',
          message: 'is not listed',
          allowed: listed,
          suggestions: nearest(asked, listed),
        },
      ],
    });
  }
  return Buffer.from(JSON.stringify({ [exchange]: byExchange[exchange] }));
};
