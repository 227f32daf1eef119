import type { Chance } from './chance.ts';
import type { Timeline } from './timeline.ts';

/**
 * One process as its host treats it: it has a clock of its own, it can stand still between any two of its steps, and
 * it can end there. Between two steps it runs to the end of its microtasks, as Node does.
 */
export interface Machine {
  readonly id: number;
  isAlive(): boolean;
  /** Its own clock, ms: set wrong, and not quite as fast as the true one. */
  now(): number;
  /** A timer of its own. */
  after(delayMs: number, run: () => void): () => void;
  /** Something reaches it from outside, now. */
  hear(run: () => void): void;
  freeze(forMs: number): void;
  crash(): void;
}

export interface MachineParts {
  readonly id: number;
  readonly timeline: Timeline;
  readonly chance: Chance;
  /** How far its clock may be set wrong, ms, and how much faster or slower it may run, as a share. */
  readonly skewMaxMs: number;
  readonly driftMax: number;
  /** What befalls it before its next step. */
  readonly fate: () => 'crash' | number | undefined;
  readonly onCrash: () => void;
}

interface Step {
  readonly kind: 'timer' | 'heard';
  readonly run: () => void;
}

export const createMachine = (parts: MachineParts): Machine => {
  const { id, timeline, chance, fate, onCrash } = parts;
  const offset = chance.between([-parts.skewMaxMs, parts.skewMaxMs]);
  const rate = 1 + chance.between([-parts.driftMax, parts.driftMax]);
  const bornAt = timeline.now();
  let alive = true;
  let frozen = false;
  let backlog: Step[] = [];

  const step = (next: Step): void => {
    if (!alive) return;
    if (frozen) return void backlog.push(next);
    const befalls = fate();
    if (befalls === 'crash') return crash();
    if (befalls === undefined) return next.run();
    backlog.push(next);
    freeze(befalls);
  };

  /** Node looks at its timers and at its sockets in turn; where it was stopped decides which come first. */
  const thaw = (): void => {
    frozen = false;
    const first = chance.pick(['timer', 'heard'] as const);
    const due = backlog;
    backlog = [];
    for (const kind of [first, first === 'timer' ? 'heard' : 'timer']) {
      for (const each of due) if (each.kind === kind) timeline.after(0, () => step(each));
    }
  };

  const freeze = (forMs: number): void => {
    if (!alive || frozen) return;
    frozen = true;
    timeline.after(forMs, thaw);
  };

  const crash = (): void => {
    if (!alive) return;
    alive = false;
    backlog = [];
    onCrash();
  };

  return {
    id,
    isAlive: () => alive,
    now: () => bornAt + offset + (timeline.now() - bornAt) * rate,
    after: (delayMs, run) => timeline.after(delayMs / rate, () => step({ kind: 'timer', run })),
    hear: (run) => step({ kind: 'heard', run }),
    freeze,
    crash,
  };
};
