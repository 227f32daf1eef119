import type { Endpoint } from '@glasshouse/coinglass-client';

export const rowFormats = ['csv', 'ndjson'] as const;
export type RowFormat = (typeof rowFormats)[number];

export const contentTypes: Readonly<Record<RowFormat, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: 'application/x-ndjson; charset=utf-8',
};

/** The members of a row, in order: known ones first, then what the vendor has added since. */
export const columnsOf = (endpoint: Endpoint, newFields: readonly string[]): readonly string[] => [
  'time',
  'time_iso',
  ...Object.keys(endpoint.units).filter((field) => field !== endpoint.timeField),
  ...newFields,
  'open_candle',
];

/** RFC 4180: lines end with CR LF, and a cell is quoted only when it must be. Numbers keep the vendor's digits. */
export const csvHeader = (columns: readonly string[]): string => csvLine(columns);

export const csvOfLines = (lines: string, columns: readonly string[]): string => {
  let csv = '';
  for (const line of lines.split('\n')) {
    if (line === '') continue;
    const row = JSON.parse(line, exactly) as Readonly<Record<string, unknown>>;
    csv += csvLine(columns.map((column) => cellOf(row[column])));
  }
  return csv;
};

const exactly = (_name: string, value: unknown, context?: { source?: string }): unknown =>
  typeof value === 'number' && context?.source !== undefined ? JSON.rawJSON(context.source) : value;

const cellOf = (value: unknown): string => {
  if (value === undefined || value === null) return '';
  if (JSON.isRawJSON(value)) return value.rawJSON;
  return typeof value === 'string' ? value : JSON.stringify(value);
};

const csvLine = (cells: readonly string[]): string => `${cells.map(quoted).join(',')}\r\n`;

const quoted = (cell: string): string =>
  /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
