import { setTimeout as delay } from 'node:timers/promises';
import type { DemoScenario, RunSeen } from './scenario.ts';
import { minuteMs, Stage } from './stage.ts';
import { tickLine, type TickSeen } from './tick-line.ts';

export interface Played {
  readonly scenario: DemoScenario;
  readonly status: string;
  readonly because: string;
  /** Judged minutes. */
  readonly minutes: number;
  readonly seconds: number;
  /** In what it was not as expected. */
  readonly wrong: readonly string[];
}

const endsWithinMs = 100 * minuteMs;
const over = ['finished', 'rolled-back', 'taken-over', 'inconclusive'];

/** Plays a scenario on a house of its own; `say` is told one line for each judged minute and each incident. */
export const play = async (
  scenario: DemoScenario,
  say: (line: string) => void,
): Promise<Played> => {
  const startedAt = performance.now();
  const stage = await Stage.start(scenario);
  try {
    await stage.begin();
    const { run, minutes } = await watch(stage, scenario, say);
    const { answered, failed, ofCanary } = stage.load.counts;
    say(`  ${run.words}`);
    say(`  readers: ${answered} answered (${ofCanary} by the canary), ${failed} failed`);
    return {
      scenario,
      status: run.status,
      because: run.because ?? '',
      minutes,
      seconds: (performance.now() - startedAt) / 1_000,
      wrong: wrongIn(scenario, run),
    };
  } finally {
    await stage.stop();
  }
};

const watch = async (
  stage: Stage,
  { incidents = [] }: DemoScenario,
  say: (line: string) => void,
): Promise<{ run: RunSeen; minutes: number }> => {
  const { house } = stage;
  const waiting = [...incidents];
  const deadlineAt = Date.now() + endsWithinMs;
  let told = 0;
  // Of the calls that were counted in the minute: what a tick tells is the share after it.
  let share = 0;
  let away = false;
  while (Date.now() < deadlineAt) {
    await delay(minuteMs / 4);
    const [look, stream] = await Promise.all([
      house.get('/v1/canary'),
      house.get('/v1/canary/ticks?limit=2000'),
    ]);
    if (look.status !== 200 || stream.status !== 200) {
      if (!away) say('  the run cannot be read: Redis is away');
      away = true;
      continue;
    }
    away = false;
    const run = look.json.run as RunSeen;
    const ticks = (stream.json.ticks as TickSeen[])
      .filter(({ kind }) => kind === 'tick')
      .sort((one, other) => one.at - other.at);
    if (told === 0) share = run.share;
    for (const tick of ticks.slice(told)) {
      say(tickLine(tick, share, ++told));
      share = tick.share;
    }
    if (over.includes(run.status) && ticks.length === told) return { run, minutes: told };
    const [next] = waiting;
    if (next && (next.after === 'promotion' ? run.status === 'promoted' : told >= next.after)) {
      waiting.shift();
      say(`  --- ${next.what}`);
      // Not awaited: the run is watched meanwhile.
      void next.happens(stage).catch((thrown: unknown) => say(`  --- failed: ${String(thrown)}`));
    }
  }
  throw new Error(`${stage.house.health?.output().slice(-2_000)}\nthe run did not end in time`);
};

const wrongIn = ({ expects }: DemoScenario, run: RunSeen): readonly string[] => {
  const { status, because, names, held } = expects;
  const wrong: string[] = [];
  if (run.status !== status) wrong.push(`expected ${status}`);
  if (because && !because.includes(run.because ?? ''))
    wrong.push(`expected ${because.join(' or ')}`);
  if (names !== undefined && !run.words.includes(names) && run.decision?.operation !== names)
    wrong.push(`expected ${names} to be named`);
  if (held !== undefined && !run.events.some(({ what }) => what === 'held'))
    wrong.push(`expected to be held for ${held}`);
  return wrong;
};
