import type { DemoScenario, RunSeen, Say } from './scenario.ts';
import { Stage } from './stage.ts';
import { watch } from './watch.ts';

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

/** Plays a scenario on a house of its own; `say` is told one line for each judged minute and each incident. */
export const play = async (scenario: DemoScenario, say: Say): Promise<Played> => {
  const startedAt = performance.now();
  const stage = await Stage.start(scenario);
  try {
    await stage.begin();
    const { run, minutes, troubles } = await watch(stage, scenario, say);
    const { answered, failed, ofCanary } = stage.load.counts;
    say(`  ${run.words}`);
    say(`  readers: ${answered} answered (${ofCanary} by the canary), ${failed} failed`);
    return {
      scenario,
      status: run.status,
      because: run.because ?? '',
      minutes,
      seconds: (performance.now() - startedAt) / 1_000,
      wrong: [...wrongIn(scenario, run), ...troubles],
    };
  } finally {
    await stage.stop();
  }
};

const wrongIn = ({ expects }: DemoScenario, run: RunSeen): readonly string[] => {
  const { status, because, names, held } = expects;
  const wrong: string[] = [];
  if (run.status !== status) wrong.push(`expected ${status}`);
  if (because && !because.includes(run.because ?? ''))
    wrong.push(`expected ${because.join(' or ')}`);
  if (names !== undefined && run.decision?.operation !== names)
    wrong.push(`expected ${names} to be named`);
  if (held !== undefined && !run.events.some(({ what }) => what === 'held'))
    wrong.push(`expected to be held for ${held}`);
  return wrong;
};
