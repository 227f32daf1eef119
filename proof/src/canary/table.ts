import type { Played } from './play.ts';

const heads = [
  'scenario',
  'promoted',
  'rolled back',
  'inconcl.',
  'held',
  'median min',
  'worst',
  'mostly for',
  'threshold RB',
  'z-test RB',
  'goal (of all runs)',
] as const;

const cellsOf = (played: Played): readonly string[] => {
  const share = (count: number): string => ((100 * count) / played.runs).toFixed(1);
  return [
    played.name,
    share(played.promoted),
    share(played.rolledBack),
    share(played.inconclusive),
    share(played.held),
    String(played.medianMinute),
    String(played.worstMinute),
    played.reason,
    share(played.naive.threshold),
    share(played.naive.zTest),
    `${played.goal}${played.missed.length > 0 ? `  MISSED: ${played.missed.join('; ')}` : ''}`,
  ];
};

const isNumber = (column: number): boolean => column > 0 && column < 10 && column !== 7;

/** Shares in per cent of the runs, minutes of the run. The two naive rules saw the same minutes, until the verdict's decision. */
export const tableOf = (all: readonly Played[]): string => {
  const rows = [heads, ...all.map(cellsOf)];
  const widths = heads.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          isNumber(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};
