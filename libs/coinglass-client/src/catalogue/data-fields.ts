import { z } from 'zod';
import { exactNumber, isExactNumber, numberPattern } from './exact-number.ts';

/**
 * The kinds of value in the vendor's `data`, and what the house makes of each. Input is what the vendor
 * sends today or may send tomorrow (string or number), output is the house rendition.
 */
const missingOr = (problem: string) => (issue: { readonly input?: unknown }) =>
  issue.input === undefined ? 'missing' : problem;

/** A figure: a JSON number passes, a numeric string becomes a number of the same digits. Never a default. */
export const numeric = z.union(
  [z.number(), z.string().regex(numberPattern).refine(isExactNumber).transform(exactNumber)],
  { error: missingOr('not a number') },
);

/** 2001-09-09 in seconds; anything smaller is no time of this market. */
const secondsMin = 1e9;
const msMin = 1e11;
const microsMin = 1e14;
const nanosMin = 1e17;

/** The vendor mixes seconds, ms and ns; their magnitudes do not overlap between the years 1973 and 5138. */
const toMs = (time: number): number => {
  if (time < msMin) return time * 1000;
  if (time < microsMin) return time;
  return Math.floor(time / (time < nanosMin ? 1e3 : 1e6));
};

/** A moment in whatever unit the vendor chose, as epoch ms. */
export const moment = z
  .union(
    [
      z.number(),
      z
        .string()
        .regex(/^\d{10,19}$/)
        .transform(Number),
    ],
    {
      error: missingOr('not a time'),
    },
  )
  .refine((time) => Number.isInteger(time) && time >= secondsMin, 'not a time')
  .transform(toMs);

/** In lists of things, 0 means "never" and null "unknown". */
export const momentIfAny = z.union([z.literal(0), moment]).nullish();

export const numericIfAny = numeric.nullish();
export const text = z.string();
export const textIfAny = text.nullish();

/** Rows of a list or series; fields not named here pass unchanged. */
export const rows = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.compile(z.array(z.looseObject(shape)));

/** Open, high, low, close: the same shape for funding rates and open interest. */
export const candles = rows({
  time: moment,
  open: numeric,
  high: numeric,
  low: numeric,
  close: numeric,
});

/** Exchange -> instruments. The later fields exist since 2026 and are missing for spot. */
export const instrumentsByExchange = z.compile(
  z.record(
    z.string(),
    z.array(
      z.looseObject({
        instrument_id: text,
        base_asset: text,
        quote_asset: text,
        settlement_currency: textIfAny,
        max_leverage: numericIfAny,
        funding_interval: numericIfAny,
        price_tick_size: numericIfAny,
      }),
    ),
  ),
);
