import {
  describeGives,
  flagGives,
  type FlagChange,
  type FlagReading,
  type FlagsAudit,
  type FlagsVersion,
  type FlagView,
} from '@glasshouse/flags';
import { printable } from '../check/table.ts';

/** A version of the document without the document; absent while flags are still the file's. */
export type Head = Pick<FlagsVersion, 'version' | 'updatedAt' | 'actor' | 'reason'>;

const timeOf = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');

/** Columns as wide as their widest cell; the last one is not padded. */
const columns = (rows: readonly (readonly string[])[]): string[] => {
  const shown = rows.map((row) => row.map(printable));
  const widths = (shown[0] ?? []).map((_, column) =>
    Math.max(...shown.map((row) => row[column]?.length ?? 0)),
  );
  return shown.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
};

export const headLine = (head: Head | undefined): string =>
  head === undefined
    ? 'Flags as in the file of defaults: nobody has changed one yet'
    : printable(
        `Flags version ${head.version}, ${timeOf(head.updatedAt)}, by ${head.actor}: ${head.reason}`,
      );

export const listTable = (head: Head | undefined, views: readonly FlagView[]): string => {
  const rows = views.map(({ key, type, gives, owner, expires }) => [
    ...[key, type ?? 'unknown', describeGives(gives), owner, expires],
  ]);
  const [heading = '', ...lines] = columns([
    ['FLAG', 'TYPE', 'GIVES', 'OWNER', 'EXPIRES'],
    ...rows,
  ]);
  return [headLine(head), '', heading, ...lines].join('\n');
};

export const flagTable = (view: FlagView): string =>
  [
    `${printable(view.key)}: ${printable(describeGives(view.gives))}`,
    ...(view.summary === undefined ? ['read by nobody of this release'] : [view.summary]),
    ...('rule' in view.gives ? [`rule: ${printable(JSON.stringify(view.gives.rule))}`] : []),
    '',
    ...columns(
      Object.entries(view.variants).map(([name, value]) => [`  ${name}`, JSON.stringify(value)]),
    ),
    '',
    printable(`owner ${view.owner}, expires ${view.expires}`),
  ].join('\n');

export const readingLine = (
  as: string,
  { value, variant, reason }: FlagReading<unknown>,
): string => {
  const by = variant === undefined ? '' : ` (variant ${variant})`;
  return printable(`a call ${JSON.stringify(as)} gets ${JSON.stringify(value)}${by}: ${reason}`);
};

export const historyTable = (rows: readonly FlagsVersion[]): string =>
  rows.length === 0
    ? 'nobody has changed a flag yet'
    : columns([
        ['VERSION', 'WHEN', 'WHO', 'WHAT', 'WHY'],
        ...rows.map(({ version, updatedAt, actor, change, reason }) => [
          ...[String(version), timeOf(updatedAt), actor, change, reason],
        ]),
      ]).join('\n');

export const auditTable = (rows: readonly FlagsAudit[]): string =>
  rows.length === 0
    ? 'nobody has changed a flag yet'
    : rows
        .map(({ version, at, actor, change, reason, changes }) =>
          [
            printable(`${version}  ${timeOf(at)}  ${actor}  ${change}: ${reason}`),
            ...changes.slice(0, changesShown).map((each) => `     ${changeLine(each)}`),
            ...(changes.length > changesShown
              ? [`     and ${changes.length - changesShown} more`]
              : []),
          ].join('\n'),
        )
        .join('\n');

const changesShown = 10;

/** `coinglass.arm: baseline -> canary 10 %, baseline 90 %` */
export const changeLine = ({ key, before, after }: FlagChange): string => {
  const [was, is] = [before, after].map(givesOf);
  return printable(`${key}: ${was ?? ''} -> ${was === is ? 'the same, defined anew' : (is ?? '')}`);
};

/** What was put into Redis by hand may be no flag at all. */
const givesOf = (flag: FlagChange['before']): string => {
  if (flag === undefined) return 'not there';
  return typeof flag.variants === 'object' ? describeGives(flagGives(flag)) : 'no flag';
};
