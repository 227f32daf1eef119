import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Failure, Postponed } from '@glasshouse/coinglass-client';
import type { DoneJob, RunTerms } from '../job-work.ts';
import type { SetApart, Verdict } from './messages.ts';

/** The quarantine process ended while a job ran in it. */
export class ProcessDied extends Error {
  override readonly name = 'ProcessDied';
}

/** The quarantine process could not begin, for which no job is to blame. */
export class ProcessNotStarted extends Error {
  override readonly name = 'ProcessNotStarted';
}

/** How long a process may take until it says that it is ready. */
const startMaxMs = 20_000;

/** One process that works on one job after the other, and can die of it. */
export class QuarantineProcess {
  readonly #child: ChildProcess;
  readonly #ready: Promise<void>;
  #runs = 0;

  /** Starts it. The same program and environment as ours: it holds the key and takes permits as we do. */
  constructor(program: string) {
    this.#child = fork(program, { serialization: 'json' });
    this.#ready = this.#becomeReady();
    this.#ready.catch(() => undefined);
  }

  get alive(): boolean {
    return this.#child.connected && this.#child.exitCode === null;
  }

  /** It ends by itself, in order, when nobody is at the other end. */
  end(): void {
    if (this.#child.connected) this.#child.disconnect();
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /**
   * Rejects with what the job's work rejects with, with the signal's reason when aborted, with `ProcessDied` or
   * `ProcessNotStarted`. An aborted or endless job (`endsInMs`) costs the process.
   */
  async run(
    job: Omit<SetApart, 'run'>,
    {
      endsInMs,
      signal,
      onSpent,
    }: {
      readonly endsInMs: number;
      readonly signal: AbortSignal;
      readonly onSpent?: RunTerms['onSpent'];
    },
  ): Promise<DoneJob> {
    await this.#ready;
    signal.throwIfAborted();
    const child = this.#child;
    const run = (this.#runs += 1);
    const { promise, resolve, reject } = Promise.withResolvers<DoneJob>();
    let endless = false;
    const onVerdict = (message: unknown): void => {
      const verdict = message as Verdict;
      if (verdict.run !== run) return;
      if (verdict.spent !== undefined) onSpent?.(verdict.spent);
      if ('done' in verdict) resolve(verdict.done);
      else reject(thrownOf(verdict));
    };
    const onExit = (code: number | null, by: NodeJS.Signals | null): void =>
      reject(new ProcessDied(endless ? 'endless' : (by ?? `exit code ${code}`)));
    const onAbort = (): void => {
      reject(signal.reason as Error);
      this.kill();
    };
    const timer = setTimeout(() => {
      endless = true;
      this.kill();
    }, endsInMs);
    child.on('message', onVerdict).once('exit', onExit);
    signal.addEventListener('abort', onAbort, { once: true });
    // What cannot be sent any more shows in the exit.
    child.send({ ...job, run } satisfies SetApart, () => undefined);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      child.off('message', onVerdict).off('exit', onExit);
      signal.removeEventListener('abort', onAbort);
    }
  }

  async #becomeReady(): Promise<void> {
    const child = this.#child;
    const late = AbortSignal.timeout(startMaxMs);
    try {
      await Promise.race([
        once(child, 'message', { signal: late }),
        once(child, 'exit').then(([code, by]) => {
          throw new Error(`it ended with ${by ?? `exit code ${code}`}`);
        }),
      ]);
    } catch (cause) {
      this.kill();
      throw new ProcessNotStarted('the quarantine process did not start', { cause });
    }
  }
}

const thrownOf = (verdict: Exclude<Verdict, { readonly done: DoneJob }>): Error =>
  'failure' in verdict
    ? Failure.fromRecord(verdict.failure)
    : new Postponed(verdict.postponed.waitMs, verdict.postponed.because);
