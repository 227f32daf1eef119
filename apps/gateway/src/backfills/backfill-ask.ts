import {
  Failure,
  findSeries,
  historyDepthMs,
  invalidRequest,
  isFailure,
  isInterval,
  planPages,
  seriesNames,
  type Endpoint,
  type PagePlan,
} from '@glasshouse/coinglass-client';
import { z } from 'zod';
import type { Deciding } from '../asks/deciding.ts';
import { decideHouseAsk } from '../asks/house-ask.ts';

const timeRule =
  'must be epoch ms, a date such as 2026-01-01, a time such as 2026-01-01T08:00Z, or now';

/** A date means its midnight, a time without a zone is UTC: a file must not depend on where its maker sits. */
const readTime = (text: string): number => {
  if (/^\d{13}$/.test(text)) return Number(text);
  const [, date, time, zone] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(Z|[+-]\d\d:\d\d)?)?$/.exec(
      text,
    ) ?? [];
  return date === undefined ? NaN : Date.parse(`${date}T${time ?? '00:00'}${zone ?? 'Z'}`);
};

const moment = z
  .union([z.int().min(1e12).max(9_999_999_999_999), z.string().max(40)], { error: timeRule })
  .transform((given) => (given === 'now' ? 'now' : readTime(String(given))))
  .refine((read) => read === 'now' || Number.isFinite(read), { error: timeRule });
const name = z.string().min(1).max(64);

/** What a backfill is ordered by, in the house's words. */
export const backfillBody = z.strictObject({
  what: z
    .string()
    .min(1)
    .max(128)
    .describe(`One of ${Object.keys(seriesNames).join(', ')}, or an endpoint id`),
  coin: name.describe('SOL'),
  exchange: name.optional().describe('For one instrument; OKX unless told'),
  base: name.optional().describe('What the instrument is quoted in; USDT unless told'),
  exchange_list: z.string().max(2_600).optional().describe('For aggregated liquidations'),
  unit: z.enum(['usd', 'coin']).optional().describe('For open interest'),
  interval: z
    .string()
    .max(8)
    .default('1h')
    .describe('Always this one: a backfill is never widened'),
  from: moment.describe('Included; ISO date or time, or epoch ms'),
  to: moment.default('now').describe('Excluded; the running candle comes along with now'),
  quoteOnly: z.boolean().default(false).describe('True: what it would take, and nothing is begun'),
});
export type BackfillBody = z.output<typeof backfillBody>;

/** A backfill that has been decided: everything that costs nothing is done. */
export interface BackfillAsk {
  readonly endpoint: Endpoint;
  readonly asked: Readonly<Record<string, string>>;
  /** The vendor's, without range and interval. */
  readonly params: Readonly<Record<string, string>>;
  readonly plan: PagePlan;
}

/**
 * Decides a backfill as the house face decides a read, always strictly: one history in two intervals is none. Costs no request but, at
 * most, one renewal of the instrument table.
 * @throws Failure, its fields named as in the body
 */
export const decideBackfill = async (
  body: BackfillBody,
  deciding: Deciding,
): Promise<BackfillAsk> => {
  const { now, upstream } = deciding;
  const endpoint = findSeries(body.what);
  const { what, coin, interval, from, to } = body;
  const ask = await decideHouseAsk(endpoint, coin, queryOf(body), deciding).catch(retold);
  if (!isInterval(interval)) throw invalidRequest([{ field: 'interval', message: 'is not known' }]);
  const plan = planPages({
    interval,
    from: from === 'now' ? now : from,
    to: to === 'now' ? now : to,
    plan: upstream.plan,
    now,
  });
  const { limit: _limit, interval: _interval, ...params } = ask.params;
  const { limit: _askedLimit, ...asked } = ask.asked;
  return { endpoint, params, plan, asked: { what, ...strings(asked) } };
};

/** How far back the plan sees, ms: what is older at the time of fetching is nobody's fault. */
export const depthOf = (
  { interval }: Pick<PagePlan, 'interval'>,
  { plan }: Deciding['upstream'],
): number => historyDepthMs(plan, interval);

const queryOf = ({ exchange, base, exchange_list, unit, interval }: BackfillBody) =>
  new Map(
    Object.entries({ exchange, base, exchange_list, unit, interval, strict: 'true' }).filter(
      (pair): pair is [string, string] => pair[1] !== undefined,
    ),
  );

/** The house face's `strict` is nothing an orderer of a backfill has said. */
const retold = (thrown: unknown): never => {
  if (!isFailure(thrown) || !thrown.errors) throw thrown;
  const errors = thrown.errors.map(({ allowed, ...error }) => ({
    ...error,
    ...(allowed && { allowed: allowed.filter((each) => !houseOnly.has(each)) }),
  }));
  throw new Failure(thrown.kind, thrown.detail, { ...thrown.toRecord(), errors });
};

const houseOnly = new Set(['strict', 'limit', 'start_time', 'end_time']);

const strings = (record: Readonly<Record<string, string | number>>): Record<string, string> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, String(value)]));
