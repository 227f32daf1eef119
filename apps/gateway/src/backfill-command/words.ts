import type { BackfillView, GapsView, Quote } from '../backfills/backfill-view.ts';

/** Everything the command says, as text: nothing here reads, waits or writes. */

const count = (n: number): string => n.toLocaleString('en-GB');

const counted = (n: number, what: string): string => `${count(n)} ${what}${n === 1 ? '' : 's'}`;

/** `2026-11-25 18:00Z`: dates of candles are UTC everywhere. */
export const utc = (atMs: number): string =>
  `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')}Z`;

export const span = (ms: number): string => {
  const seconds = Math.max(1, Math.round(ms / 1_000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
};

export const quoteLines = (quote: Quote): string[] => {
  const { asked, clipped, params } = quote;
  const of = [params['symbol'], params['exchange'] ?? params['exchange_list']].filter(Boolean);
  return [
    `${asked['what'] ?? quote.endpoint} of ${of.join(' on ')}, ${quote.interval} candles`,
    `  from      ${utc(quote.from)}`,
    `  to        ${utc(quote.to)}${quote.openUntil === undefined ? '' : ', the last candle still runs'}`,
    ...(clipped
      ? [
          `  clipped   the ${clipped.plan} plan sees ${clipped.depthDays} days back at ${quote.interval}: ` +
            `${counted(clipped.candles, 'candle')} from ${utc(clipped.askedFrom)} on are left out`,
        ]
      : []),
    `  candles   ${count(quote.candles)}`,
    `  costs     ${counted(quote.requests, 'request')}` +
      (quote.ahead > 0 ? `, after ${count(quote.ahead)} of others` : ''),
    `  takes     about ${span(quote.durationMs)} at ${count(quote.requestsPerMinute)} requests a minute, if readers leave them`,
  ];
};

const barWidth = 24;

/** One line, at most 100 characters or so. */
export const progressLine = (view: BackfillView, now: number): string => {
  const { total, done, lost } = view.pages;
  const filled = Math.floor((barWidth * (done + lost)) / total);
  const bar = `${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)}`;
  const eta = view.etaAt === undefined ? '' : ` · ${span(view.etaAt - now)} left`;
  return `${bar} ${plainProgress(view)}${eta}`;
};

export const plainProgress = ({ state, pages, rows, waiting }: BackfillView): string => {
  const { total, done, lost } = pages;
  const wait = waiting ? ` · waits (${waiting.because})` : state === 'queued' ? ' · waits' : '';
  return `${done}/${total} pages${lost > 0 ? `, ${lost} lost` : ''} · ${count(rows)} rows${wait}`;
};

const gapsShownMax = 20;

export const endLines = (
  view: BackfillView,
  gaps: GapsView,
  out: string,
  quotedMs: number | undefined,
): string[] => {
  const { startedAt, endedAt, createdAt } = view;
  const took = endedAt === undefined ? undefined : endedAt - createdAt;
  const quoted = quotedMs === undefined ? '' : `, quoted ${span(quotedMs)}`;
  const put = [
    gaps.repeated > 0 ? `${counted(gaps.repeated, 'row')} came twice` : '',
    gaps.conflicting > 0
      ? `${counted(gaps.conflicting, 'row')} in two versions, the later kept`
      : '',
    gaps.strayed > 0 ? `${counted(gaps.strayed, 'row')} outside the range left out` : '',
    gaps.newFields.length > 0 ? `new fields: ${gaps.newFields.join(', ')}` : '',
  ].filter((each) => each !== '');
  return [
    `${out}: ${counted(view.rows, 'row')}, ${counted(view.permits, 'request')}` +
      (took === undefined || startedAt === undefined ? '' : `, ${span(took)}${quoted}`),
    ...(gaps.sources.includes('sandbox') ? ['  the figures are the sandbox’s: invented'] : []),
    ...(gaps.openFrom === undefined
      ? []
      : [`  still running when fetched: candles from ${utc(gaps.openFrom)} on (open_candle)`]),
    ...put.map((each) => `  ${each}`),
    ...gapLines(gaps),
  ];
};

const gapLines = ({ gaps, candles }: GapsView): string[] => {
  if (gaps.length === 0) return ['  no gaps'];
  const shown = gaps
    .slice(0, gapsShownMax)
    .map(
      ({ from, to, candles: missing, reason, detail }) =>
        `    ${utc(from)} to ${utc(to)}  ${count(missing).padStart(6)}  ${reason}${detail === undefined ? '' : `: ${detail}`}`,
    );
  const more = gaps.length - shown.length;
  return [
    `  ${counted(gaps.length, 'gap')}, ${counted(candles, 'candle')}:`,
    ...shown,
    ...(more > 0 ? [`    and ${count(more)} more`] : []),
  ];
};
