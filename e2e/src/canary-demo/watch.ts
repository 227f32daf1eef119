import { setTimeout as delay } from 'node:timers/promises';
import type { House } from '../house.ts';
import type { DemoScenario, Incident, RunSeen, Say } from './scenario.ts';
import { minuteMs, type Stage } from './stage.ts';
import { tickLine, type TickSeen } from './tick-line.ts';

export interface Watched {
  readonly run: RunSeen;
  /** Judged ones. */
  readonly minutes: number;
  /** Incidents in which the house did not do what it must. */
  readonly troubles: readonly string[];
}

const endsWithinMs = 100 * minuteMs;
const over = ['finished', 'rolled-back', 'taken-over', 'inconclusive'];

interface TicksSeen {
  readonly ticks: readonly TickSeen[];
}

/** The run as readers of the gateway see it, and the minutes judged so far; undefined while Redis is away. */
const look = async (
  house: House,
): Promise<{ run: RunSeen; ticks: readonly TickSeen[] } | undefined> => {
  const answers = await Promise.all([
    house.get('/v1/canary'),
    house.get('/v1/canary/ticks?limit=500'),
  ]);
  if (answers.some(({ status }) => status === 503)) return undefined;
  for (const { status, text } of answers)
    if (status !== 200) throw new Error(`the run cannot be read: ${status} ${text}`);
  const [{ run }, { ticks }] = answers.map(({ json }) => json) as [{ run: RunSeen }, TicksSeen];
  const judged = ticks.filter(({ kind }) => kind === 'tick');
  return { run, ticks: judged.toSorted((one, other) => one.at - other.at) };
};

const isDue = ({ after }: Incident, status: string, minutes: number): boolean =>
  after === 'promotion' ? status === 'promoted' : minutes >= after;

/** Watches a run to its end, or until it asks a person, and lets happen what happens on the way. */
export const watch = async (
  stage: Stage,
  { incidents = [] }: DemoScenario,
  say: Say,
): Promise<Watched> => {
  const waiting = [...incidents];
  const troubles: string[] = [];
  const deadlineAt = Date.now() + endsWithinMs;
  let minutes = 0;
  // Of the calls that were counted in the minute: what a tick tells is the share after it.
  let share = 0;
  let away = false;
  while (Date.now() < deadlineAt) {
    await delay(minuteMs / 4);
    const seen = await look(stage.house);
    if (seen === undefined && !away) say('  --- the run cannot be read: Redis is away');
    away = seen === undefined;
    if (seen === undefined) continue;
    const { run, ticks } = seen;
    if (minutes === 0) ({ share } = run);
    for (const tick of ticks.slice(minutes)) {
      say(tickLine(tick, share, ++minutes));
      ({ share } = tick);
    }
    if (over.includes(run.status)) return { run, minutes, troubles };
    const [next] = waiting;
    if (!next || !isDue(next, run.status, minutes)) continue;
    waiting.shift();
    say(`  --- ${next.what}`);
    // Not awaited: the run is watched meanwhile.
    next.happens(stage, say).catch((thrown: unknown) => troubles.push(String(thrown)));
  }
  throw new Error('the run did not end in time');
};
