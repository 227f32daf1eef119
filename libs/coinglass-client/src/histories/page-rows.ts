import type { Endpoint } from '../catalogue/endpoint.ts';
import { hasKnownBoundaries, intervalMs } from '../intervals/boundaries.ts';
import type { Interval } from '../intervals/ladder.ts';
import type { Span } from './page-plan.ts';

/** A page of a history, put in order. */
export interface PageRows {
  /** One JSON object a line, by time, no time twice: `time` (epoch ms), `time_iso`, the vendor's fields, `open_candle`. */
  readonly lines: string;
  readonly rows: number;
  /** Epoch ms of the first row. */
  readonly firstAt?: number;
  /** Epoch ms of the first row that was still running when fetched. */
  readonly openFrom?: number;
  /** Candles that had closed and were not in the answer, as spans. */
  readonly missing: readonly Span[];
  /** Rows that came a second time, alike; and rows of which two versions came: the later in the answer stays. */
  readonly repeated: number;
  readonly conflicting: number;
  /** Rows outside the page's span, left out: another page has them, or nobody asked. */
  readonly strayed: number;
  /** Fields that the catalogue does not know. */
  readonly newFields: readonly string[];
}

export interface PageToRead extends Span {
  readonly interval: Interval;
  /** Epoch ms. */
  readonly fetchedAt: number;
}

type Row = Readonly<Record<string, unknown>>;

const newFieldsMax = 32;

/** Sorts, de-duplicates and checks a page's house rendition against the openings that it should have. */
export const readPageRows = (endpoint: Endpoint, page: PageToRead, data: unknown): PageRows => {
  const timeField = endpoint.timeField ?? 'time';
  // A row's figures are written once: this runs beside readers, and a page has a thousand of them.
  const figuresAt = new Map<number, string>();
  const fields = new Set<string>();
  let repeated = 0;
  let conflicting = 0;
  let strayed = 0;
  for (const row of Array.isArray(data) ? (data as Row[]) : []) {
    const { [timeField]: time, ...figures } = row;
    if (typeof time !== 'number' || time < page.from || time >= page.to) {
      strayed += 1;
      continue;
    }
    for (const field in figures) fields.add(field);
    const written = JSON.stringify(figures).slice(1, -1);
    const before = figuresAt.get(time);
    if (before === written) repeated += 1;
    else if (before !== undefined) conflicting += 1;
    figuresAt.set(time, written);
  }
  const times = [...figuresAt.keys()].sort((a, b) => a - b);
  const lengthMs = intervalMs[page.interval];
  const openFrom = times.find((time) => time + lengthMs > page.fetchedAt);
  return {
    lines: times.map((time) => lineOf(time, figuresAt.get(time) ?? '', openFrom)).join(''),
    rows: times.length,
    ...(times[0] !== undefined && { firstAt: times[0] }),
    ...(openFrom !== undefined && { openFrom }),
    missing: missingSpans(times, page),
    repeated,
    conflicting,
    strayed,
    newFields: newFieldsOf(endpoint, fields),
  };
};

const lineOf = (time: number, figures: string, openFrom: number | undefined): string => {
  const open = openFrom !== undefined && time >= openFrom;
  return `{"time":${time},"time_iso":"${new Date(time).toISOString()}",${figures},"open_candle":${open}}\n`;
};

/** Openings without a row, but for candles that had not closed. */
const missingSpans = (times: readonly number[], page: PageToRead): Span[] => {
  const lengthMs = intervalMs[page.interval];
  const present = new Set(times);
  const spans: { from: number; to: number }[] = [];
  const end = Math.min(page.to, page.fetchedAt - lengthMs + 1);
  for (let opening = firstOpening(times, page); opening < end; opening += lengthMs) {
    if (present.has(opening)) continue;
    const last = spans.at(-1);
    if (last?.to === opening) last.to = opening + lengthMs;
    else spans.push({ from: opening, to: opening + lengthMs });
  }
  return spans;
};

/** Where openings are unknown, the rows say on which day they are; without rows the span itself is counted. */
const firstOpening = (times: readonly number[], { from, interval }: PageToRead): number => {
  const [first] = times;
  if (hasKnownBoundaries(interval) || first === undefined) return from;
  return from + ((first - from) % intervalMs[interval]);
};

const newFieldsOf = ({ units }: Endpoint, fields: ReadonlySet<string>): string[] =>
  [...fields].filter((name) => !Object.hasOwn(units, name)).slice(0, newFieldsMax);
