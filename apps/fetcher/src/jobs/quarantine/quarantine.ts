import { Failure } from '@glasshouse/coinglass-client';
import type { Logger } from '@glasshouse/service-kit';
import { SetAside } from '../job-fate.ts';
import type { DoneJob, RunTerms } from '../job-work.ts';
import type { SetApart } from './messages.ts';
import { ProcessDied, ProcessNotStarted, QuarantineProcess } from './quarantine-process.ts';

export interface QuarantineParts {
  /** Path of the program that works alone: the fetcher's own, with another entrance. */
  readonly program: string;
  /** Counts a death on the job itself, and gives how many it has caused by now. */
  readonly countDeath: (job: Pick<SetApart, 'queue' | 'jobId'>) => Promise<number>;
  readonly logger: Pick<Logger, 'warn' | 'error'>;
  readonly now?: () => number;
  /** How long an idle process stays, for the neighbours that a crash set apart along with the culprit. */
  readonly idleMs?: number;
  /** How long after its run's end a job that gives no word is taken for an endless one. */
  readonly graceMs?: number;
}

/** As many processes may end under a job before it is the job's fault. */
const deathsMax = 2;
/** After a death: soon again. */
const afterDeathMs = 1_000;
/** The next in line comes back after this, the tenth after ten times as long. */
const turnMs = 100;
const turnMaxMs = 3_000;

/**
 * Works on jobs that were running when a worker died, one at a time, in a process that only they can take along. Most of them
 * were bystanders: they lose a moment and nothing else. A job under which two such processes have ended is `poison-job`.
 */
export class Quarantine {
  readonly #parts: Required<QuarantineParts>;
  #process: QuarantineProcess | undefined;
  #idle: NodeJS.Timeout | undefined;
  #busy = false;
  #stopped = false;
  #turnedAway = 0;

  constructor(parts: QuarantineParts) {
    this.#parts = { now: Date.now, idleMs: 15_000, graceMs: 5_000, ...parts };
  }

  /**
   * Rejects with the job's own `Failure` or `Postponed`, with the signal's reason when aborted, and with `SetAside` when the
   * job must come back: another has its turn, or the process died under it for the first time.
   */
  async perform(
    job: Omit<SetApart, 'run'>,
    { runUntil, ...terms }: { readonly runUntil: number } & Pick<RunTerms, 'signal' | 'onSpent'>,
  ): Promise<DoneJob> {
    if (this.#stopped) throw new SetAside(afterDeathMs);
    if (this.#busy) {
      this.#turnedAway += 1;
      throw new SetAside(Math.min(turnMaxMs, turnMs * this.#turnedAway));
    }
    this.#busy = true;
    clearTimeout(this.#idle);
    try {
      const endsInMs = Math.max(0, runUntil - this.#parts.now()) + this.#parts.graceMs;
      return await this.#living().run(job, { endsInMs, ...terms });
    } catch (thrown) {
      if (thrown instanceof ProcessDied) return await this.#judge(thrown, job);
      if (thrown instanceof ProcessNotStarted) this.#excuse(thrown);
      throw thrown;
    } finally {
      this.#busy = false;
      this.#turnedAway = Math.max(0, this.#turnedAway - 1);
      this.#idle = setTimeout(() => this.#process?.end(), this.#parts.idleMs).unref();
    }
  }

  /** Ends the process; what runs in it has been sent back before. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#idle);
    this.#process?.end();
  }

  #living(): QuarantineProcess {
    if (!this.#process?.alive) this.#process = new QuarantineProcess(this.#parts.program);
    return this.#process;
  }

  /** @throws Failure `poison-job`, or SetAside while the job has another chance */
  async #judge(death: ProcessDied, { queue, jobId }: Omit<SetApart, 'run'>): Promise<never> {
    // A Redis that refuses to count is no reason to end a job: it comes back, and is counted then.
    const deaths = await this.#parts.countDeath({ queue, jobId }).catch(() => 0);
    const line = { event: 'job.killed-process', queue, jobId, deaths, how: death.message };
    this.#parts.logger.error(line, 'a job ended the process it ran in');
    if (deaths < deathsMax) throw new SetAside(afterDeathMs);
    throw new Failure(
      'poison-job',
      `The job has ended the process it ran in, ${deaths} times alone (${death.message})`,
    );
  }

  #excuse(err: ProcessNotStarted): never {
    this.#parts.logger.warn({ event: 'quarantine.not-started', err }, err.message);
    throw new SetAside(turnMaxMs);
  }
}
