import { Failure, joinFallbacks, type Fallback } from '@glasshouse/coinglass-client';
import type { StoredAnswer } from '@glasshouse/fetch-queue';
import type { Ask } from '../asks/ask.ts';
import { metaOf } from './meta.ts';
import { Representation } from './representation.ts';

/** Puts the stored bytes into the envelope. Parses them only when a part of them is asked for. */
export const render = (
  ask: Ask,
  { facts, data }: StoredAnswer,
  refused?: Fallback,
): Representation =>
  new Representation(
    ask.narrowTo === undefined ? data : narrow(data, ask.narrowTo),
    metaOf(ask, facts, joinFallbacks(ask.planFallback, refused)),
    facts,
  );

/** One exchange of a map keyed by exchange, still as a map. */
const narrow = (data: Buffer, exchange: string): Buffer => {
  const byExchange = JSON.parse(data.toString()) as Record<string, unknown>;
  if (!Object.hasOwn(byExchange, exchange)) {
    throw new Failure('unknown-instrument', 'There is no such exchange in this list', {
      errors: [
        {
          field: 'exchange',
          message: 'is not listed',
          allowed: Object.keys(byExchange).slice(0, 50),
        },
      ],
    });
  }
  return Buffer.from(JSON.stringify({ [exchange]: byExchange[exchange] }));
};
