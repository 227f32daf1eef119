import { z } from 'zod';
import { intervals } from '../intervals/ladder.ts';
import { callerTextPattern, callerTextRule, isCallerText } from './caller-text.ts';
import { compareText } from './near-miss.ts';

/**
 * The vendor's query parameters. Values are strings on the wire and stay strings here; a default is
 * filled in, so that "not given" and "given as the default" are one question with one key.
 */
const callerText = z.string().regex(callerTextPattern, callerTextRule);

export const exchange = callerText.describe('Exchange, as supported-exchange-pairs spells it');

export const instrumentId = callerText.describe(
  "The exchange's own instrument id, from supported-exchange-pairs",
);

export const coin = callerText.describe('Coin such as BTC; a pair gets an empty answer');

export const interval = z.enum(intervals).describe('Length of one candle');

export const limit = z
  .string()
  .regex(/^(?:[1-9]\d{0,2}|1000)$/, 'must be a whole number from 1 to 1000')
  .default('1000')
  .describe('How many candles at most, 1 to 1000');

export const epochMsRule = 'must be epoch milliseconds, 13 digits';

const epochMs = z.string().regex(/^\d{13}$/, {
  error: ({ input }) =>
    typeof input === 'string' && /^\d{10}$/.test(input)
      ? `${epochMsRule}; this looks like seconds: append 000`
      : epochMsRule,
});

export const startTime = epochMs.optional().describe('First candle opening, epoch ms, inclusive');
export const endTime = epochMs.optional().describe('End of the range, epoch ms, exclusive');

/** interval, limit, start_time, end_time: what every candle endpoint takes. */
export const range = { interval, limit, start_time: startTime, end_time: endTime };

export const unit = z
  .enum(['usd', 'coin'])
  .default('usd')
  .describe('Unit of the figures; the field names stay');

const exchangesMax = 40;
const namesIn = (list: string): string[] => list.split(',').map((name) => name.trim());

export const exchangeList = z
  .string()
  .refine(
    (list) => list.length <= 65 * exchangesMax && namesIn(list).every(isCallerText),
    `must be exchange names separated by commas, at most ${exchangesMax}`,
  )
  .refine(
    (list) => new Set(namesIn(list)).size <= exchangesMax,
    `must not hold more than ${exchangesMax} exchanges`,
  )
  .transform((list) => [...new Set(namesIn(list))].sort(compareText).join(','))
  .describe('Exchanges, separated by commas');

export const currentPage = z
  .string()
  .regex(/^[1-9]\d{0,3}$/, 'must be a whole number from 1 to 9999')
  .default('1')
  .describe('Page, from 1');

export const heatmapRange = z
  .enum(['12h', '24h', '3d', '7d', '30d', '90d', '180d', '1y'])
  .describe('How far the map looks back');
