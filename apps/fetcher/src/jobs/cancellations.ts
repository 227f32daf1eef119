import type { JobRecords } from '@glasshouse/fetch-queue';

export interface CancellationsParts {
  readonly records: Pick<JobRecords, 'cancelled'>;
  readonly pollMs?: number;
}

/**
 * Hears of running jobs that are to stop. One look for all that begin together and one poll for all that run; a look that fails is made
 * up for by the next one.
 */
export class Cancellations {
  readonly #records: CancellationsParts['records'];
  readonly #pollMs: number;
  readonly #watched = new Map<string, () => void>();
  /** Not looked at yet. */
  readonly #begun: string[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor({ records, pollMs = 500 }: CancellationsParts) {
    this.#records = records;
    this.#pollMs = pollMs;
  }

  /** Calls `onCancelled` once, if it comes to that before the returned function is called. */
  watch(jobId: string, onCancelled: () => void): () => void {
    this.#watched.set(jobId, onCancelled);
    this.#timer ??= setInterval(() => this.#look([...this.#watched.keys()]), this.#pollMs);
    this.#lookSoon(jobId);
    return () => {
      if (this.#watched.get(jobId) === onCancelled) this.#watched.delete(jobId);
      if (this.#watched.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  #lookSoon(jobId: string): void {
    if (this.#begun.push(jobId) === 1) setImmediate(() => this.#look(this.#begun.splice(0)));
  }

  #look(jobIds: readonly string[]): void {
    this.#records.cancelled(jobIds).then(
      (cancelled) => {
        for (const jobId of cancelled) {
          this.#watched.get(jobId)?.();
          this.#watched.delete(jobId);
        }
      },
      () => undefined,
    );
  }
}
