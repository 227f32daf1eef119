import type { CheckReport } from './report.ts';
import type { RowResult, RowVerdict } from './result.ts';

export interface TableStyle {
  /** Only for a terminal, and not when NO_COLOR is set. */
  readonly colour: boolean;
  /** How long ago an earlier run found this; absent: it has just been found. */
  readonly ageMs?: number;
}

export const words: Readonly<Record<RowVerdict, string>> = {
  pass: 'PASS',
  warn: 'WARN',
  fail: 'FAIL',
  skipped: 'SKIP',
};

export const colours: Readonly<Record<RowVerdict, number>> = {
  pass: 32,
  warn: 33,
  fail: 31,
  skipped: 2,
};

/**
 * What a vendor or a config writes reaches a terminal through here: control characters (escape sequences among them),
 * line separators and direction overrides become a visible dot.
 */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '·');

/** The report for a person: one line a row, the evidence under what failed, the meaning at the end. */
export const renderTable = (report: CheckReport, { colour, ageMs }: TableStyle): string => {
  const paint = (code: number, text: string): string =>
    colour ? `\u001b[${code}m${text}\u001b[0m` : text;
  const cells = report.rows.map(cellsOf);
  const width = (column: number): number => Math.max(0, ...cells.map((row) => row[column]!.length));
  const [nameWidth, intervalWidth, statusWidth, timeWidth] = [0, 1, 2, 3].map(width);

  const lines = report.rows.flatMap((row, index) => {
    const [name, interval, status, time, note] = cells[index]!;
    const line = [
      paint(colours[row.verdict], words[row.verdict]),
      name.padEnd(nameWidth!),
      interval.padEnd(intervalWidth!),
      status.padEnd(statusWidth!),
      time.padStart(timeWidth!),
      note,
    ];
    return [`  ${line.join('  ').trimEnd()}`, ...evidenceOf(row).map((text) => `        ${text}`)];
  });

  return [
    headOf(report),
    ...(ageMs === undefined ? [] : [`result of ${ago(ageMs)}; npm run check -- --fresh asks anew`]),
    ...(report.source?.includes('sandbox') === true
      ? [
          paint(
            33,
            'SANDBOX: the stand-in vendor invents these figures; none of this is CoinGlass data.',
          ),
        ]
      : []),
    ...lines,
    paint(colours[report.verdict], verdictLine(report)),
    ...report.meaning.map((sentence) => `  ${printable(sentence)}`),
    ...nextOf(report),
  ].join('\n');
};

const headOf = ({
  version,
  startedAt,
  source,
  permits,
  permitsExact,
  durationMs,
}: CheckReport): string =>
  [
    `CoinGlass start check  v${version}`,
    startedAt.replace(/\.\d+Z$/, 'Z'),
    `source: ${source ?? 'unknown (no answer)'}`,
    costOf({ permits, permitsExact }),
    `${(durationMs / 1000).toFixed(1)} s`,
  ].join('   ');

const ago = (ms: number): string =>
  ms < 60_000 ? `${Math.round(ms / 1_000)} s ago` : `${Math.round(ms / 60_000)} min ago`;

/** The pages to read next, those of failures first. */
const nextOf = ({ rows }: CheckReport): string[] => {
  const ofVerdict = (verdict: RowVerdict): string[] =>
    rows.flatMap((row) => (row.verdict === verdict ? (row.runbook ?? []) : []));
  const pages = [...new Set([...ofVerdict('fail'), ...ofVerdict('warn')])];
  return pages.length > 0 ? [`  next: ${pages.join(', ')}`] : [];
};

const costOf = ({
  permits,
  permitsExact,
}: Pick<CheckReport, 'permits' | 'permitsExact'>): string => {
  if (!permitsExact && permits === 0) return 'requests unknown';
  return `${permitsExact ? '' : 'at least '}${permits} ${permits === 1 ? 'request' : 'requests'}`;
};

/** One line that stands alone: also the last line of the log. */
export const verdictLine = ({ verdict, passed, warned, failed, skipped }: CheckReport): string => {
  const parts = [`${passed} passed`, `${warned} warned`, `${failed} failed`];
  return `${words[verdict]}  ${[...parts, ...(skipped > 0 ? [`${skipped} skipped`] : [])].join(', ')}`;
};

type Cells = readonly [name: string, interval: string, status: string, time: string, note: string];

const cellsOf = ({
  name,
  interval,
  fallback,
  status,
  subject,
  verdict,
  durationMs,
  quota,
  detail,
}: RowResult): Cells => [
  name,
  fallback !== undefined ? `${fallback.from} -> ${fallback.to}` : (interval ?? ''),
  status !== undefined ? String(status) : subject === 'stream' && opened(verdict) ? 'open' : '',
  verdict === 'skipped' ? '' : `${Math.round(durationMs)} ms`,
  [quota && `quota ${quota.used}/${quota.limit}`, detail !== undefined && printable(detail)]
    .filter((part) => typeof part === 'string')
    .join('   '),
];

const opened = (verdict: RowVerdict): boolean => verdict === 'pass' || verdict === 'warn';

/** Request, code, body and trace of what failed. */
const evidenceOf = ({
  verdict,
  path,
  params,
  kind,
  status,
  code,
  snippet,
  traceId,
  runbook,
}: RowResult): string[] => {
  if (verdict !== 'fail') return [];
  const asked = new URLSearchParams(params).toString();
  const request =
    path && `${status === undefined ? 'asked' : 'GET'} ${path}${asked && `?${asked}`}`;
  const facts = [
    kind,
    code !== undefined && `code ${code}`,
    traceId !== undefined && `trace ${traceId}`,
  ];
  return [
    request,
    facts.filter((fact) => typeof fact === 'string').join('   '),
    snippet !== undefined && `body: ${printable(snippet)}`,
    runbook,
  ].filter((line): line is string => typeof line === 'string' && line !== '');
};
