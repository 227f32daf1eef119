/** What of a judged minute is shown. */
export interface TickSeen {
  readonly kind: string;
  readonly at: number;
  readonly stage: number;
  readonly share: number;
  readonly decision: {
    readonly kind: string;
    readonly reason?: string;
    readonly share?: number;
    readonly operation?: string;
  };
  readonly counts: {
    readonly operations: Readonly<
      Record<string, Readonly<Record<'baseline' | 'canary', Readonly<Record<string, number>>>>>
    >;
  };
  readonly evidence: { readonly e: Readonly<Record<string, number>>; readonly threshold: number };
}

/** Calls of an arm that ended well, of all. */
const callsOf = ({ counts }: TickSeen, arm: 'baseline' | 'canary'): string => {
  const outcomes = { ok: 0, all: 0 };
  for (const arms of Object.values(counts.operations))
    for (const [outcome, count] of Object.entries(arms[arm])) {
      outcomes.all += count;
      if (outcome === 'ok') outcomes.ok += count;
    }
  return `${outcomes.ok}/${outcomes.all}`;
};

const decisionOf = ({ kind, reason, share, operation }: TickSeen['decision']): string =>
  [kind, reason, share === undefined ? undefined : `to ${share} %`, operation]
    .filter((word) => word !== undefined)
    .join(' ');

/** A judged minute in a line: its share, calls that ended well, of all; E of the group it is highest in. */
export const tickLine = (tick: TickSeen, share: number, minute: number): string => {
  const [group, e] = Object.entries(tick.evidence.e).reduce((one, other) =>
    other[1] > one[1] ? other : one,
  );
  const evidence = e >= 1e5 ? e.toExponential(0) : e.toFixed(1);
  return [
    `  ${String(minute).padStart(3)}`,
    `${share} %`.padStart(6),
    `canary ${callsOf(tick, 'canary')}`.padEnd(15),
    `baseline ${callsOf(tick, 'baseline')}`.padEnd(17),
    `E ${evidence} ${group}`.padEnd(18),
    decisionOf(tick.decision),
  ].join('  ');
};
