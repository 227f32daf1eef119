import { performance } from 'node:perf_hooks';
import type { Logger } from '../logging/logger.ts';
import { within } from './within.ts';

type ProcessEvent = 'SIGTERM' | 'SIGINT' | 'uncaughtException' | 'unhandledRejection';

/** The part of `process` that a lifecycle listens to. */
export interface ProcessEvents {
  on(event: ProcessEvent, listener: (...args: unknown[]) => void): unknown;
  off(event: ProcessEvent, listener: (...args: unknown[]) => void): unknown;
}

export interface LifecycleOptions {
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error' | 'fatal'>;
  /** All steps together get no more than this. */
  readonly graceMs?: number;
  readonly exit?: (code: number) => void;
  readonly events?: ProcessEvents;
  readonly now?: () => number;
}

export interface Lifecycle {
  /** Adds a step. The step added last runs first: what was started last is stopped first. */
  onStop(name: string, step: () => Promise<void> | void, timeoutMs: number): void;
  /** Runs the steps once, whoever asks and however often; then exits with 0, or 1 if a step failed or was late. */
  stop(reason: string, exitCode?: number): Promise<void>;
  readonly stopping: boolean;
  /** Stops listening to the process; for tests. */
  dispose(): void;
}

interface StopStep {
  readonly name: string;
  readonly run: () => Promise<void> | void;
  readonly timeoutMs: number;
}

type Outcome = 'done' | 'late' | { readonly failed: unknown };

const runStep = ({ run }: StopStep, limitMs: number): Promise<Outcome> => {
  const work = Promise.resolve()
    .then(run)
    .then(
      (): Outcome => 'done',
      (failed: unknown): Outcome => ({ failed }),
    );
  return within(work, limitMs, () => 'late');
};

/**
 * The end of a process, in order. SIGTERM and SIGINT run the stop steps one after the other, each in its own time
 * and all within `graceMs`. A second signal is noted but skips nothing (a terminal and npm send one each for the
 * same Ctrl-C); the third exits with 1. An unhandled rejection or exception is logged and ends the
 * process the same way, with 1: going on with unknown state is worse.
 */
export const createLifecycle = ({
  logger,
  graceMs = 25_000,
  exit = (code) => process.exit(code),
  events = process,
  now = () => performance.now(),
}: LifecycleOptions): Lifecycle => {
  const steps: StopStep[] = [];
  let stopped: Promise<void> | undefined;
  let signals = 0;
  let exitCode = 0;

  const runAll = async (reason: string): Promise<void> => {
    logger.info({ event: 'stop.begin', reason }, `stopping: ${reason}`);
    const endsAt = now() + graceMs;
    for (const step of steps.toReversed()) {
      const limitMs = Math.max(0, Math.min(step.timeoutMs, endsAt - now()));
      const outcome = await runStep(step, limitMs);
      if (outcome === 'done') continue;
      exitCode = 1;
      const fields = { event: 'stop.step', step: step.name };
      if (outcome === 'late')
        logger.error({ ...fields, limitMs }, `stopping ${step.name} took too long; going on`);
      else
        logger.error({ ...fields, err: outcome.failed }, `stopping ${step.name} failed; going on`);
    }
    logger.info({ event: 'stop.end', exitCode }, 'stopped');
    exit(exitCode);
  };

  const stop = (reason: string, code = 0): Promise<void> => {
    exitCode = Math.max(exitCode, code);
    stopped ??= runAll(reason);
    return stopped;
  };

  const onSignal = (signal: string) => () => {
    signals += 1;
    if (signals === 1) void stop(signal);
    else if (signals === 2)
      logger.warn({ event: 'stop.again', signal }, 'already stopping; once more exits at once');
    else {
      logger.error({ event: 'stop.forced', signal }, 'exiting at once');
      exit(1);
    }
  };
  const onBug = (kind: string) => (thrown: unknown) => {
    logger.fatal({ event: 'process.bug', kind, err: thrown }, `${kind}: stopping`);
    void stop(kind, 1);
  };

  const listeners: readonly (readonly [ProcessEvent, (...args: unknown[]) => void])[] = [
    ['SIGTERM', onSignal('SIGTERM')],
    ['SIGINT', onSignal('SIGINT')],
    ['uncaughtException', onBug('uncaughtException')],
    ['unhandledRejection', onBug('unhandledRejection')],
  ];
  for (const [event, listener] of listeners) events.on(event, listener);

  return {
    onStop: (name, run, timeoutMs) => {
      steps.push({ name, run, timeoutMs });
    },
    stop,
    get stopping() {
      return stopped !== undefined;
    },
    dispose: () => {
      for (const [event, listener] of listeners) events.off(event, listener);
    },
  };
};
