import { Failure, noPermitInTime } from '@glasshouse/coinglass-client';
import type { Outcome } from './outcome.ts';
import type { OutcomeWatch } from './outcome-watch.ts';

/**
 * One wait for one ask: the first of answer, failure, hopeless postponement and deadline ends it. Knows nothing of queues.
 */
export class Waiting {
  readonly answered: Promise<Extract<Outcome, { state: 'answered' }>>;
  readonly #watch: OutcomeWatch;
  readonly #ends: (() => void)[] = [];
  #onOutcome!: (outcome: Outcome) => void;
  #over = false;
  #ended = false;

  /** `deadlineAt` in epoch ms. */
  constructor(watch: OutcomeWatch, deadlineAt: number, now: () => number) {
    this.#watch = watch;
    this.answered = new Promise((resolve, reject) => {
      this.#onOutcome = (outcome) => {
        if (outcome.state === 'answered') resolve(outcome);
        else if (outcome.state === 'failed') reject(Failure.fromRecord(outcome.failure));
        else if (outcome.resumesAt >= deadlineAt) reject(hopeless(outcome, now()));
        else return;
        this.#over = true;
      };
      const timer = setTimeout(() => reject(deadlinePassed()), Math.max(0, deadlineAt - now()));
      this.#ends.push(() => clearTimeout(timer));
    });
    // The rejection is handled by whoever awaits `answered`; it may come before they do.
    this.answered.catch(() => undefined);
  }

  /** An outcome has come, or nobody waits any more. */
  get over(): boolean {
    return this.#over;
  }

  listenTo(jobId: string): void {
    if (this.#ended) return;
    this.#ends.push(this.#watch.listen(jobId, this.#onOutcome));
  }

  end(): void {
    this.#ended = true;
    this.#over = true;
    for (const end of this.#ends) end();
  }
}

const deadlinePassed = (): Failure =>
  new Failure(
    'deadline-passed',
    'No answer before the deadline; the fetch goes on and a later ask may find its answer',
    { retryAfterMs: 1_000 },
  );

const hopeless = (
  { resumesAt, because }: Extract<Outcome, { state: 'postponed' }>,
  now: number,
): Failure => noPermitInTime(because, Math.max(0, resumesAt - now));
