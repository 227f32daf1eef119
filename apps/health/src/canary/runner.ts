import { setTimeout as delay } from 'node:timers/promises';
import type { Leadership, Lease } from '@glasshouse/canary';
import type { Logger } from '@glasshouse/service-kit';
import type { CanaryController } from './controller.ts';

export interface RunnerOptions {
  readonly controller: Pick<CanaryController, 'pass'>;
  readonly leadership: Pick<Leadership, 'resign'>;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Another health leads now. */
  readonly onFollow?: () => void;
  /** Between two passes, ms. */
  readonly everyMs: number;
}

/** Lets the controller pass again and again until it is stopped. What it meets is told once, not at each pass. */
export class CanaryRunner {
  readonly #options: RunnerOptions;
  readonly #stopped = new AbortController();
  #going: Promise<void> = Promise.resolve();
  #lease: Lease | undefined;
  #trouble: string | undefined;

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#going = this.#go();
  }

  /** Resolves when the pass under way has ended and another health may lead. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#going;
    if (this.#lease) await this.#options.leadership.resign(this.#lease).catch(() => undefined);
  }

  async #go(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      await this.#pass();
      await delay(this.#options.everyMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  async #pass(): Promise<void> {
    const { controller, log } = this.#options;
    try {
      const lease = await controller.pass();
      if (lease?.token !== this.#lease?.token) this.#tellLead(lease);
      this.#lease = lease;
      if (this.#trouble === undefined) return;
      this.#trouble = undefined;
      log.info({ event: 'canary.goes-on' }, 'the canary is watched again');
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      // A Redis that is away fails in several words in turn; the first ones stand for all.
      if (this.#trouble !== undefined) return;
      this.#trouble = reason;
      log.warn(
        { event: 'canary.waits', reason },
        'the canary cannot be watched now: its share stays as it is',
      );
    }
  }

  #tellLead(lease: Lease | undefined): void {
    const { log, onFollow } = this.#options;
    if (!lease) onFollow?.();
    if (lease)
      log.info({ event: 'canary.leads', token: lease.token }, 'this health watches the canary');
    else log.info({ event: 'canary.follows' }, 'another health watches the canary');
  }
}
