import type { Scenario } from './scenario.ts';
import type { Outcome } from './simulate.ts';

const HOUR = 3_600_000;

const columns: readonly (readonly [string, (outcome: Outcome) => string | number])[] = [
  ['scenario', ({ scenario }) => scenario.name],
  ['seed', ({ scenario }) => scenario.seed],
  ['limit', ({ scenario }) => scenario.limit],
  ['steps', ({ steps }) => steps],
  ['requests', ({ arrivals }) => arrivals],
  ['sliding', ({ worstSliding }) => worstSliding],
  ['aligned', ({ worstAligned }) => worstAligned],
  ['use', ({ use }) => `${(100 * use).toFixed(1)} %`],
  ['sent/call', ({ sendings, calls }) => (sendings / Math.max(1, calls)).toFixed(2)],
  ['cmd/req', ({ commands, arrivals }) => (commands / Math.max(1, arrivals)).toFixed(2)],
  ['429', ({ throttled }) => throttled],
  [
    'named',
    ({ causes }) =>
      Object.entries(causes)
        .map((each) => each.join(' '))
        .join(', ') || '-',
  ],
  [
    'refused as',
    ({ scenario, refusedBy }) =>
      scenario.expects.silentWhenFull
        ? `${refusedBy.underWay} under way, ${refusedBy.unread} unread, ${refusedBy.noWord} no word, ${refusedBy.known} known`
        : '-',
  ],
  ['crashes', ({ crashes }) => crashes],
  ['freezes', ({ freezes }) => freezes],
  ['losses', ({ stateLosses, restores }) => stateLosses + restores],
  ['outages', ({ outages }) => outages],
  ['trace', ({ hash }) => hash],
];

const cell = (text: string | number, width: number): string =>
  typeof text === 'number' ? String(text).padStart(width) : text.padEnd(width);

/** One line for each run, under a heading. */
export const tableOf = (outcomes: readonly Outcome[]): string => {
  const rows = outcomes.map((outcome) => columns.map(([, read]) => read(outcome)));
  const widths = columns.map(([name], column) =>
    Math.max(name.length, ...rows.map((row) => String(row[column]).length)),
  );
  const line = (row: readonly (string | number)[]): string =>
    row
      .map((text, column) => cell(text, widths[column]!))
      .join('  ')
      .trimEnd();
  const heading = columns.map(([name], column) =>
    rows.every((row) => typeof row[column] === 'number') ? name.padStart(widths[column]!) : name,
  );
  const verdicts = outcomes.flatMap(({ scenario, violation }) =>
    violation
      ? `BROKEN ${scenario.name} seed ${scenario.seed}: ${violation.rule}, ${violation.detail}, after ${violation.afterMs} ms`
      : [],
  );
  return [line(heading), ...rows.map(line), ...verdicts].join('\n');
};

/** A fault was planted by which the limit may be passed, and by how much. */
const mayPass = ({ expects, faults }: Scenario): boolean =>
  expects.forgivesForgotten === true || faults.overlookedSlots > 0;

/** All runs in one sentence. `tookMs` is real time. */
export const totalOf = (outcomes: readonly Outcome[], tookMs: number): string => {
  const sum = (read: (outcome: Outcome) => number) =>
    outcomes.reduce((total, outcome) => total + read(outcome), 0);
  const bound = outcomes.filter(({ scenario }) => !mayPass(scenario));
  const worst = (read: (outcome: Outcome) => number) =>
    (100 * Math.max(0, ...bound.map((each) => read(each) / each.scenario.limit))).toFixed(0);
  const steps = sum((each) => each.steps);
  return [
    `${outcomes.length} runs, ${steps} steps, ${(sum((each) => each.simulatedMs) / HOUR).toFixed(1)} simulated hours in ${(tookMs / 1000).toFixed(1)} s (${Math.round((1000 * steps) / tookMs)} steps/s)`,
    `worst window, of the limit, in ${bound.length} runs that may not pass it: sliding ${worst((each) => each.worstSliding)} %, aligned ${worst((each) => each.worstAligned)} %`,
    `${sum((each) => each.crashes)} crashes, ${sum((each) => each.freezes)} freezes, ${sum((each) => each.stateLosses)} state losses, ${sum((each) => each.restores)} older states put back, ${sum((each) => each.outages)} outages`,
  ].join('\n');
};
