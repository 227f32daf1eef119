import type { FieldError } from '../failures.ts';
import { intervalMs, openingAtOrAfter } from '../intervals/boundaries.ts';
import { coarser, isInterval, type Interval } from '../intervals/ladder.ts';
import { invalidRequest, type Params } from './params.ts';
import { epochMsRule } from './param-fields.ts';

/**
 * The house's rules for ranges, stricter than the vendor's, who clamps and cuts without a word. The
 * drop-in face refuses only what can hold nothing; beyond that its caller gets what the vendor would do.
 */
export interface Range {
  readonly interval?: string;
  readonly limit?: string;
  readonly start_time?: string;
  readonly end_time?: string;
}

/** No exchange had a perpetual before; an earlier start is a slip of units or digits. */
const earliestMs = Date.UTC(2010, 0, 1);
const limitMax = 1000;

/** @throws Failure `invalid-request` naming the field, what is allowed and what to do instead. */
export const checkRange = (range: Range, now: number): void => {
  checkOrder(range, now);
  const problem = spanProblem(range);
  if (problem !== undefined) throw invalidRequest([problem]);
};

/**
 * What can hold no candle whoever is asked: times that are none, a start in the future, an end before the start. For both faces,
 * since it would cost a request to hear as much from the vendor.
 * @throws Failure `invalid-request`
 */
export const checkOrder = (range: Range, now: number): void => {
  const errors = [
    ...timeProblems('start_time', range.start_time),
    ...timeProblems('end_time', range.end_time),
  ];
  if (errors.length > 0) throw invalidRequest(errors);
  const problem = orderProblem(range, now);
  if (problem !== undefined) throw invalidRequest([problem]);
};

/**
 * Start and end at the next candle opening, sub-seconds cut: where the vendor puts them anyway, so
 * that two asks for the same candles are one question. Weeks keep theirs, their openings are not known.
 */
export const alignRange = (params: Readonly<Params>): Params => {
  const aligned = { ...params };
  for (const field of ['start_time', 'end_time'] as const) {
    const given = params[field];
    if (given !== undefined) aligned[field] = String(alignedMs(Number(given), params.interval));
  }
  return aligned;
};

/**
 * The same question at another interval: the span stays, its ends move to the new openings unless
 * nothing would be left between them.
 */
export const withInterval = (params: Readonly<Params>, interval: Interval): Params => {
  const changed = { ...params, interval };
  const aligned = alignRange(changed);
  const { start_time: start, end_time: end } = aligned;
  return start !== undefined && end !== undefined && Number(start) >= Number(end)
    ? changed
    : aligned;
};

const alignedMs = (atMs: number, interval: string | undefined): number => {
  const wholeSecond = Math.floor(atMs / 1000) * 1000;
  return isInterval(interval) ? openingAtOrAfter(wholeSecond, interval) : wholeSecond;
};

const timeProblems = (field: string, text: string | undefined): FieldError[] => {
  if (text === undefined) return [];
  if (/^\d{10}$/.test(text)) {
    return [{ field, message: `${epochMsRule}; this looks like seconds: append 000` }];
  }
  if (!/^\d{13}$/.test(text)) return [{ field, message: epochMsRule }];
  if (Number(text) < earliestMs) {
    return [{ field, message: `must not be before 2010-01-01 (${earliestMs})` }];
  }
  return [];
};

const orderProblem = (range: Range, now: number): FieldError | undefined => {
  const { start_time: start, end_time: end, interval } = range;
  if (start === undefined) return undefined;
  if (Number(start) > now) {
    return { field: 'start_time', message: `must not be in the future; it is ${now} now` };
  }
  if (end === undefined) return undefined;
  if (Number(end) <= Number(start)) {
    return { field: 'end_time', message: 'must be after start_time' };
  }
  const firstOpening = alignedMs(Number(start), interval);
  return alignedMs(Number(end), interval) > firstOpening
    ? undefined
    : {
        field: 'end_time',
        message:
          `no ${interval ?? ''} candle opens between start_time and end_time; ` +
          `the next one opens at ${firstOpening}, so end_time must be later than that`,
      };
};

const spanProblem = (range: Range): FieldError | undefined => {
  const { start_time: start, end_time: end, interval } = range;
  if (start === undefined || end === undefined || !isInterval(interval)) return undefined;
  const most = Math.min(Number(range.limit ?? limitMax), limitMax);
  const fromMs = alignedMs(Number(start), interval);
  const candles = Math.ceil((alignedMs(Number(end), interval) - fromMs) / intervalMs[interval]);
  if (candles <= most) return undefined;
  const spanMaxMs = most * intervalMs[interval];
  return {
    field: 'end_time',
    message:
      `start_time to end_time holds ${candles} candles of ${interval}, one request at most ${most}: ` +
      `a span of ${spanMaxMs} ms, so end_time at most ${fromMs + spanMaxMs}; ` +
      remedies(candles, most, interval),
  };
};

const remedies = (candles: number, most: number, interval: Interval): string => {
  const wider = coarser(interval);
  return [
    'ask in several requests',
    ...(most < limitMax && candles <= limitMax ? [`or with limit=${candles}`] : []),
    ...(wider !== undefined ? [`or with a coarser interval such as ${wider}`] : []),
  ].join(', ');
};
