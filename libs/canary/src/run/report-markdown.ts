import { armNames } from '../arm.ts';
import type { CanaryReport } from './report.ts';

/** The report as Markdown: what differed, what happened, what was found, who ordered what. */
export const reportMarkdown = (report: CanaryReport): string =>
  [
    `# Canary ${report.id}: ${report.status}`,
    report.words,
    ...section('What was rolled out', rolloutLines(report)),
    ...section('What happened', eventTable(report)),
    ...section('Figures', figures(report)),
    ...section('Evidence', evidenceLines(report)),
    ...section('Where the canary failed most', offenderTable(report)),
    ...section('Refusals by 429', [report.throttledBy ?? 'None.']),
    ...section('Flags', flagTable(report)),
    ...section('Orders', orderTable(report)),
    ...section('Plan', planTable(report)),
  ].join('\n\n') + '\n';

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [`## ${title}`, lines.join('\n')];

/** What somebody typed stands in a cell of a table, and stays there. */
const cell = (value: string | number): string =>
  String(value)
    .replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .replace(/[\\|<>`[\]*_]/g, (mark) => `\\${mark}`);

const table = (
  heads: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string[] =>
  rows.length === 0
    ? []
    : [heads, heads.map(() => '---'), ...rows.map((row) => row.map(cell))].map(
        (row) => `| ${row.join(' | ')} |`,
      );

const moment = (at: number): string => new Date(at).toISOString();

const figure = (value: number | undefined): string =>
  value === undefined
    ? ''
    : value >= 1e6
      ? value.toExponential(1)
      : String(Number(value.toPrecision(3)));

const percent = (value: number | undefined): string =>
  value === undefined ? '' : `${(value * 100).toFixed(2)} pp`;

const rolloutLines = (report: CanaryReport): string[] => [
  `- Why: ${cell(report.reason)}`,
  `- Begun by ${cell(report.startedBy)} at ${moment(report.startedAt)}, ${report.mode}`,
  ...(report.endedAt === undefined ? [] : [`- Ended at ${moment(report.endedAt)}`]),
  `- Options that differ: ${cell(report.arms.options.join(', ') || 'none')} (${report.arms.fetchers} ${report.arms.fetchers === 1 ? 'fetcher' : 'fetchers'})`,
  ...report.warnings.map((warning) => `- ${cell(warning)}`),
];

const eventTable = ({ events }: CanaryReport): string[] =>
  table(
    ['time', 'what', 'by', 'flags', 'words'],
    events.map(({ at, what, by, flagVersion, words }) => [
      moment(at),
      what,
      by,
      flagVersion,
      words,
    ]),
  );

const figures = ({ totals, decisions }: CanaryReport): string[] => [
  ...table(
    ['arm', 'calls', 'errors', 'permits', 'sent', '429'],
    armNames.map((arm) => [
      arm,
      totals.calls[arm],
      totals.errors[arm],
      totals.permits[arm],
      totals.sent[arm],
      totals.throttled[arm],
    ]),
  ),
  '',
  `${totals.periods} periods judged, ${totals.withoutData} of them without data: ${
    Object.entries(decisions)
      .map(([kind, count]) => `${kind} ${count}`)
      .join(', ') || 'no decision yet'
  }.`,
];

const evidenceLines = ({ evidence }: CanaryReport): string[] => {
  if (evidence === undefined) return [];
  const { e, threshold, riskDifference, upperBound } = evidence;
  return [
    ...table(
      ['group', 'E', 'rolled back at'],
      Object.entries(e).map(([group, value]) => [group, figure(value), figure(threshold)]),
    ),
    '',
    riskDifference === undefined
      ? 'One arm was judged, against fixed budgets.'
      : `The canary is ${percent(riskDifference)} worse, at most ${percent(upperBound)}.`,
  ];
};

const offenderTable = ({ evidence }: CanaryReport): string[] =>
  table(
    ['operation', 'group', 'canary', 'baseline', 'trace'],
    (evidence?.offenders ?? []).map(({ operation, group, errors, calls, traceId }) => [
      operation,
      group,
      `${errors.canary} of ${calls.canary}`,
      `${errors.baseline} of ${calls.baseline}`,
      traceId ?? '',
    ]),
  );

const flagTable = ({ flagWrites }: CanaryReport): string[] =>
  table(
    ['time', 'version before', 'after', 'reason'],
    flagWrites.map(({ at, flagVersionBefore, flagVersionAfter, reason }) => [
      moment(at),
      flagVersionBefore,
      flagVersionAfter,
      reason,
    ]),
  );

const orderTable = ({ orders }: CanaryReport): string[] =>
  table(
    ['time', 'order', 'by', 'reason', 'status after'],
    orders.map(({ at, order, by, reason, statusAfter }) => [
      moment(at),
      order,
      by,
      reason,
      statusAfter,
    ]),
  );

const planTable = ({ plan }: CanaryReport): string[] =>
  table(
    ['stage', 'share', 'minutes', 'calls at least', 'worse by at most'],
    plan.stages.map(({ name, share, dwellMinutes, callsMin, worseMax }) => [
      name,
      `${share} %`,
      dwellMinutes,
      callsMin,
      percent(worseMax),
    ]),
  );
