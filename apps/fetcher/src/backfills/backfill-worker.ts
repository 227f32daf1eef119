import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { PageLease, PageLeases } from '@glasshouse/fetch-queue';
import { sampled, type Logger } from '@glasshouse/service-kit';
import { PageStopped } from './page-fate.ts';
import type { PageRunner } from './page-runner.ts';

export interface BackfillWorkerParts {
  readonly leases: Pick<PageLeases, 'claim'>;
  readonly runner: Pick<PageRunner, 'run'>;
  /** Pages under way at once in this process, and so at most repaid when it dies. The bulk lane gives fewer than four a second. */
  readonly pagesAtOnce: number;
  readonly logger: Logger;
}

/** How long a fetcher without pages waits before it looks again. */
const idleMs = 500;
/** How long it leaves a Redis alone that cannot be reached or refuses. */
const restMs = 2_000;
/** How long pages under way may go on when the process stops, before they are given back: jobs need most of the time there is. */
const finishWithinMs = 4_000;
/** How long a stop without Redis waits for pages that cannot be given back; their leases run out. */
const redisAwayMs = 1_000;

/** Takes pages of backfills, a few at once, and has them run; teams take turns in Redis, not here. */
export class BackfillWorker {
  readonly #parts: BackfillWorkerParts;
  readonly #running = new Map<Promise<void>, AbortController>();
  readonly #stop = new AbortController();
  #rest = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(parts: BackfillWorkerParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#loop ??= this.#takePages();
  }

  /** Takes no more pages, lets those under way end, and gives back what is left after 4 s. */
  async stop(waitMs = finishWithinMs): Promise<void> {
    this.#stop.abort();
    this.#rest.abort();
    const done = Promise.all(this.#running.keys());
    await Promise.race([done, delay(waitMs)]);
    for (const each of this.#running.values()) each.abort(new PageStopped('go-back'));
    await Promise.race([Promise.all([done, this.#loop]), delay(redisAwayMs)]);
  }

  async #takePages(): Promise<void> {
    const { leases, pagesAtOnce, logger } = this.#parts;
    const rarely = sampled(logger, 1);
    while (!this.#stop.signal.aborted) {
      let waitMs = idleMs;
      try {
        const lease =
          this.#running.size < pagesAtOnce ? await leases.claim(randomUUID()) : undefined;
        if (lease) {
          this.#run(lease);
          continue;
        }
      } catch (thrown) {
        rarely.warn({ event: 'backfill.claim', err: thrown }, 'no page could be claimed');
        waitMs = restMs;
      }
      await this.#wait(waitMs);
    }
  }

  #run(lease: PageLease): void {
    const stop = new AbortController();
    if (this.#stop.signal.aborted) stop.abort(new PageStopped('go-back'));
    const run = this.#parts.runner.run(lease, stop).finally(() => {
      this.#running.delete(run);
      // The end of one page is often the beginning of the next.
      this.#rest.abort();
    });
    this.#running.set(run, stop);
  }

  async #wait(waitMs: number): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#rest = new AbortController();
    await delay(waitMs, undefined, { signal: this.#rest.signal }).catch(() => undefined);
  }
}
