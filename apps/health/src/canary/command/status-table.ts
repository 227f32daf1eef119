import { armNames, type RunView, type Tick } from '@glasshouse/canary';
import { printable, type TableStyle } from '../../check/table.ts';

const colours: Readonly<Record<RunView['status'], number>> = {
  running: 36,
  held: 33,
  paused: 33,
  inconclusive: 35,
  promoted: 32,
  finished: 32,
  'rolled-back': 31,
  'taken-over': 31,
};

const barWidth = 24;

/** Where the run stands, for a person: the clock, the evidence against its threshold, the ledgers, the last ticks. Periods are minutes. */
export const renderStatus = (
  run: RunView,
  ticks: readonly Tick[],
  { colour }: TableStyle,
  now: number,
): string => {
  const paint = (code: number, text: string): string =>
    colour ? `\u001b[${code}m${text}\u001b[0m` : text;
  const lines = [
    '',
    `  ${paint(1, 'Canary')} ${run.id}   ${paint(colours[run.status], run.status.toUpperCase())}   ${stageWords(run)}`,
    `  ${printable(run.words)}`,
    ...(run.watched
      ? []
      : [paint(31, '  No health is watching: nothing is judged, and no order is carried out.')]),
    ...run.warnings.map((warning) => paint(33, `  ${printable(warning)}`)),
    '',
    ...factLines(run, now),
    ...evidenceLines(run, paint),
    ...ledgerLines(run),
    ...offenderLines(run),
    ...tickLines(ticks),
  ];
  return lines.join('\n');
};

const stageWords = ({ plan, stage, share, status }: RunView): string => {
  const name = plan.stages[stage]?.name ?? '';
  const where =
    status === 'promoted' || status === 'finished'
      ? 'promoted'
      : `stage ${stage + 1} of ${plan.stages.length} (${printable(name)})`;
  return `${where}   ${share} %   ${plan.mode}`;
};

const fact = (name: string, text: string): string => `  ${name.padEnd(10)} ${printable(text)}`;

const factLines = (run: RunView, now: number): string[] => [
  fact('why', `${run.reason}   (${run.startedBy}, ${ago(now - run.startedAt)})`),
  ...(run.plan.mode === 'two-arm'
    ? [fact('differs', run.arms.options.join(', ') || 'nothing')]
    : []),
  ...clockLines(run),
  ...(run.pending === undefined ? [] : [fact('to write', run.pending.reason)]),
  fact('flags', `version ${run.flagVersion}`),
  '',
];

const clockLines = ({ evidence, plan }: RunView): string[] => {
  if (evidence === undefined) return [];
  const { stageMinutes, runMinutes, calls } = evidence;
  const all = `${runMinutes} min in all`;
  const stage = plan.stages[evidence.stage];
  if (stage === undefined)
    return [
      fact('clock', `${stageMinutes} of ${plan.armedMinutes} min of the watch   ${all}`),
      fact('calls', String(calls.canary)),
    ];
  const { dwellMinutes, callsMin, worseMax } = stage;
  const clock = fact('clock', `${stageMinutes} of ${dwellMinutes} min in this stage   ${all}`);
  if (plan.mode === 'single-arm')
    return [clock, fact('calls', `${calls.canary} (${callsMin} needed)`)];
  const most = worseMax === undefined ? '' : `   (to advance: at most ${points(worseMax)})`;
  return [
    clock,
    fact('calls', `canary ${calls.canary} (${callsMin} needed)   baseline ${calls.baseline}`),
    fact(
      'worse by',
      `${points(evidence.riskDifference)}, at most ${points(evidence.upperBound)}${most}`,
    ),
  ];
};

const points = (value: number | undefined): string =>
  value === undefined ? 'unknown' : `${(value * 100).toFixed(2)} pp`;

/** On a scale of logarithms, since E grows by multiplication: a full bar is a rollback. */
const evidenceLines = (
  { evidence }: RunView,
  paint: (code: number, text: string) => string,
): string[] => {
  if (evidence === undefined) return [];
  const { e, threshold } = evidence;
  const rows = Object.entries(e).map(([group, value]) => {
    const ratio = Math.min(1, Math.max(0, Math.log(value) / Math.log(threshold)));
    const filled = Math.round(ratio * barWidth);
    const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled);
    const code = ratio >= 1 ? 31 : ratio > 0.5 ? 33 : 32;
    return `  ${group.padEnd(10)} ${paint(code, bar)} ${short(value).padStart(8)}`;
  });
  return [
    `  against it ${' '.repeat(barWidth)}        E   (rolled back at ${short(threshold)})`,
    ...rows,
    '',
  ];
};

const short = (value: number): string =>
  value >= 1e6 ? value.toExponential(1) : String(Number(value.toPrecision(3)));

const ledgerLines = ({ evidence }: RunView): string[] => {
  if (evidence === undefined) return [];
  const { requests, vendorUsed, limitInForce } = evidence;
  const row = (name: string, cells: readonly (string | number)[]): string =>
    `  ${name.padEnd(10)} ${cells.map((text) => String(text).padStart(8)).join('')}`;
  const vendor = [
    ...(vendorUsed === undefined ? [] : [`CoinGlass counts ${vendorUsed}`]),
    ...(limitInForce === undefined ? [] : [`limit in force ${limitInForce}`]),
  ];
  return [
    row('last min', ['permits', 'sent', '429']),
    ...armNames.map((arm) => {
      const { permits, sent, throttled } = requests[arm];
      return row(arm, [permits, sent, throttled]);
    }),
    ...(vendor.length > 0 ? [`  ${' '.repeat(10)}   ${vendor.join(', ')}`] : []),
    '',
  ];
};

const offenderLines = ({ evidence }: RunView): string[] => {
  const offenders = evidence?.offenders ?? [];
  if (offenders.length === 0) return [];
  const width = Math.max(...offenders.map(({ operation }) => operation.length));
  return [
    '  most errors',
    ...offenders.map(
      ({ operation, group, errors, calls, traceId }) =>
        `  ${operation.padEnd(width)}  ${group.padEnd(6)}  canary ${errors.canary} of ${calls.canary}   baseline ${errors.baseline} of ${calls.baseline}${traceId === undefined ? '' : `   trace ${printable(traceId)}`}`,
    ),
    '',
  ];
};

const tickLines = (ticks: readonly Tick[]): string[] =>
  ticks.length === 0
    ? []
    : ['  last', ...ticks.map((tick) => `  ${timeOf(tick.at)}  ${printable(tickWords(tick))}`), ''];

const timeOf = (at: number): string => new Date(at).toISOString().slice(11, 19);

/** One entry of the stream in a line. */
const tickWords = (tick: Tick): string => {
  switch (tick.kind) {
    case 'tick':
      return `${tick.decision.kind.padEnd(12)} ${tick.words}${tick.acted ? '' : ' (advice)'}`;
    case 'flags':
      return `${'flags'.padEnd(12)} version ${tick.flagVersionAfter}`;
    case 'order':
      return `${tick.order.padEnd(12)} by ${tick.by}: ${tick.reason}`;
    case 'arms':
      return `${'arms'.padEnd(12)} ${tick.words}`;
    case 'taken-over':
      return `${'taken over'.padEnd(12)} by ${tick.by}`;
  }
};

const ago = (ms: number): string => {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return `${Math.max(0, Math.floor(ms / 1_000))} s ago`;
  return minutes < 120 ? `${minutes} min ago` : `${Math.floor(minutes / 60)} h ago`;
};
