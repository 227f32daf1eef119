import { colours, printable, words, type TableStyle } from '../check/table.ts';
import type { VerifyReport } from './verify-report.ts';
import type { VerifyRow } from './verify-row.ts';

/** The verification for a person: a line a request, the evidence under what failed, a summary at the end. */
export const renderVerification = (
  report: VerifyReport,
  { colour }: Pick<TableStyle, 'colour'>,
): string => {
  const { rows, asked, startedAt, durationMs, version } = report;
  const paint = (code: number, text: string): string =>
    colour ? `\u001b[${code}m${text}\u001b[0m` : text;
  const cells = [headings, ...rows.map(cellsOf)];
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        rightAligned.has(headings[column]!)
          ? cell.padStart(widths[column]!)
          : cell.padEnd(widths[column]!),
      )
      .join('  ')
      .trimEnd();
  const head = [
    `Verification  v${version}`,
    startedAt.replace(/\.\d+Z$/, 'Z'),
    `asked: ${asked}`,
    `${(durationMs / 1_000).toFixed(1)} s`,
  ];
  const pages = [...new Set(rows.flatMap(({ runbook }) => runbook ?? []))];
  return [
    head.join('   '),
    `        ${line(headings)}`,
    ...rows.flatMap((row, index) => [
      `  ${paint(colours[row.verdict], words[row.verdict])}  ${line(cells[index + 1]!)}`,
      ...evidenceOf(row).map((text) => `          ${text}`),
    ]),
    paint(colours[report.verdict], summaryOf(report)),
    ...(pages.length > 0 ? [`  next: ${pages.join(', ')}`] : []),
  ].join('\n');
};

const headings = ['face', 'endpoint', 'HTTP', 'source', 'cache', 'rows', 'ms', ''];
const rightAligned: ReadonlySet<string> = new Set(['rows', 'ms']);

const cellsOf = (row: VerifyRow): readonly string[] => [
  row.face,
  row.endpoint,
  row.status === undefined ? '' : String(row.status),
  row.source ?? '',
  [row.cache, row.ageSeconds !== undefined && row.cache !== 'miss' && `${row.ageSeconds} s`]
    .filter(Boolean)
    .join(' '),
  row.rows === undefined ? '' : String(row.rows),
  row.verdict === 'skipped' ? '' : String(Math.round(row.durationMs)),
  row.detail === undefined ? '' : printable(row.detail),
];

const evidenceOf = ({ verdict, request, kind, traceId, snippet, runbook }: VerifyRow): string[] => {
  if (verdict !== 'fail') return [];
  const facts = [kind, traceId !== undefined && `trace ${traceId}`];
  return [
    request !== undefined && `GET ${request}`,
    facts.filter((fact) => typeof fact === 'string').join('   '),
    snippet !== undefined && `body: ${printable(snippet)}`,
    runbook,
  ].filter((text): text is string => typeof text === 'string' && text !== '');
};

const summaryOf = ({ verdict, passed, warned, failed, skipped }: VerifyReport): string => {
  const skips = skipped > 0 ? `, ${skipped} skipped` : '';
  return `${words[verdict]}  ${passed} passed, ${warned} warned, ${failed} failed${skips}`;
};
