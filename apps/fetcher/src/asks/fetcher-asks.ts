import { setTimeout as delay } from 'node:timers/promises';
import { askLaneName, type TakenAsk, type TakenAsks } from '@glasshouse/fetch-queue';
import { sampled, type Logger, type SampledLogger } from '@glasshouse/service-kit';
import { DelayedError } from 'bullmq';
import type { JobRunner } from '../jobs/job-runner.ts';
import { jobOf } from './ask-job.ts';
import { HeldAsks } from './held-asks.ts';

/** Who does not renew for so long is taken for dead. Over the longest hang that the liveness probe lets pass. */
export const leaseMs = 12_000;

/** Asks put off are cheap, but not free. */
const heldMax = 4_096;
/** How long one read waits for asks; it bounds how long a stop waits for the reading. */
const readMs = 1_000;
const restMinMs = 1_000;
const restMaxMs = 4_000;
/** How long running asks may go on when the process stops. */
const finishWithinMs = 10_000;

export interface FetcherAsksParts {
  readonly runner: Pick<JobRunner, 'run' | 'letGo' | 'sendBackAll'>;
  readonly lane: TakenAsks;
  /** Asks that run at once. */
  readonly concurrency: number;
  readonly logger: Logger;
  readonly renewMs?: number;
  readonly now?: () => number;
}

/**
 * Takes readers' asks from the interactive lane and ends each: takes as many as there is room for, renews what it has, puts off what has
 * no permit yet, takes up what a dead fetcher has left, and gives back what it cannot finish when it stops.
 */
export class FetcherAsks {
  readonly #parts: Required<FetcherAsksParts>;
  readonly #held = new HeldAsks();
  readonly #logger: SampledLogger;
  readonly #stop = new AbortController();
  #reading: Promise<void> | undefined;
  #refusals = 0;

  constructor(parts: FetcherAsksParts) {
    this.#parts = { renewMs: leaseMs / 6, now: Date.now, ...parts };
    this.#logger = sampled(parts.logger, 1);
  }

  /** True while asks are taken. */
  get taking(): boolean {
    return this.#reading !== undefined && !this.#stop.signal.aborted && this.#refusals === 0;
  }

  start(): void {
    if (this.#reading) return;
    this.#reading = this.#takeThem();
    void this.#keepThem();
  }

  /** Takes no more, lets running asks end, and gives back at once what is put off, after `waitMs` what still runs. */
  async stop(waitMs = finishWithinMs): Promise<void> {
    this.#stop.abort();
    const putOff = this.#held.all().filter(({ entry }) => this.#held.isWaiting(entry));
    const givenBack = Promise.all(putOff.map((ask) => this.#giveBack(ask)));
    // Without Redis nothing returns; others take the asks up when their lease is over.
    await Promise.race([Promise.all([this.#reading, givenBack]), unheld(2 * readMs)]);
    await this.#untilIdle(waitMs);
    if (this.#held.running === 0) return;
    this.#parts.runner.sendBackAll();
    await this.#untilIdle(readMs);
  }

  async #untilIdle(waitMs: number): Promise<void> {
    const tooLate = unheld(waitMs).then(() => 'too late');
    while (this.#held.running > 0) {
      if ((await Promise.race([this.#held.changed(), tooLate])) === 'too late') return;
    }
  }

  async #takeThem(): Promise<void> {
    const { lane, concurrency } = this.#parts;
    while (!this.#stop.signal.aborted) {
      const room = Math.min(concurrency - this.#held.running, heldMax - this.#held.size);
      if (room <= 0) {
        await this.#held.changed();
        continue;
      }
      try {
        for (const ask of await lane.take(room, readMs)) this.#begin(ask);
        this.#refusals = 0;
      } catch (thrown) {
        await this.#rest(thrown);
      }
    }
  }

  /** Redis' own no (read-only, full): asked again at once it would say the same, thousands of times a second. */
  async #rest(thrown: unknown): Promise<void> {
    const queue = askLaneName;
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    this.#logger.error({ event: 'worker.error', queue, reason }, 'asks cannot be taken');
    const restMs = Math.min(restMaxMs, restMinMs * 2 ** this.#refusals);
    this.#refusals += 1;
    await this.#sleep(restMs);
  }

  async #keepThem(): Promise<void> {
    const { lane, runner, renewMs, concurrency } = this.#parts;
    while (!this.#stop.signal.aborted || this.#held.running > 0) {
      await (this.#stop.signal.aborted ? unheld(renewMs) : this.#sleep(renewMs));
      try {
        const held = this.#held.all();
        const own = await lane.renew(held);
        for (const { entry, jobId } of held) {
          if (own.has(entry)) continue;
          if (this.#held.isWaiting(entry)) this.#held.drop(entry);
          else runner.letGo('interactive', jobId);
        }
        if (this.#stop.signal.aborted) continue;
        for (const ask of await lane.rescue(concurrency)) {
          if (!this.#held.has(ask.entry)) this.#begin(ask);
        }
      } catch {
        // Redis is away or refuses: then nobody else takes them up either.
      }
    }
  }

  #begin(ask: TakenAsk): void {
    this.#held.run(ask);
    const { jobId } = ask;
    const end = (): Promise<void> => {
      // Read while the stop began, perhaps what was just given back.
      if (this.#stop.signal.aborted) return this.#giveBack(ask);
      return this.#run(ask);
    };
    end().catch((thrown: unknown) => {
      // It stays in the lane unrenewed, and is taken up again.
      this.#held.drop(ask.entry);
      this.#logger.error({ event: 'ask.left', jobId, err: thrown }, 'an ask could not be ended');
    });
  }

  async #run(ask: TakenAsk): Promise<void> {
    const { runner, lane, now } = this.#parts;
    let resumesAt: number | undefined;
    const job = jobOf(ask, (at) => (resumesAt = at));
    try {
      await runner.run(job, '', 'interactive');
    } catch (thrown) {
      if (thrown instanceof DelayedError) {
        if (resumesAt === undefined) this.#held.drop(ask.entry);
        else if (this.#stop.signal.aborted) await this.#giveBack(ask);
        else this.#held.wait(ask, resumesAt - now(), () => this.#begin(ask));
        return;
      }
      // Any other end has been announced and told to the log by the runner.
    }
    this.#held.drop(ask.entry);
    await lane.end(ask);
  }

  async #giveBack(ask: TakenAsk): Promise<void> {
    await this.#parts.lane.giveBack(ask).catch(() => undefined);
    this.#held.drop(ask.entry);
  }

  /** A stop ends it. */
  async #sleep(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }
}

/** A delay that does not keep the process up. */
const unheld = (ms: number): Promise<void> => delay(ms, undefined, { ref: false });
