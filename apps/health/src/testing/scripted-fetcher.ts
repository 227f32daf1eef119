import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '@glasshouse/coinglass-client';
import {
  announce,
  TakenAsks,
  type InteractiveJob,
  type JobResult,
  type Outcome,
  type TakenAsk,
} from '@glasshouse/fetch-queue';
import type { PrivateRedis } from '@glasshouse/private-redis';

/** What the script does with a job: answer it, fail it, put it off, or hold it and say nothing. */
export type Scripted = JobResult | Failure | { readonly postponedBy: number } | 'silence';

/** A fetcher whose vendor is a script: takes asks as the real one does and announces what the script says. */
export class ScriptedFetcher {
  readonly jobs: InteractiveJob[] = [];
  readonly #voice: ReturnType<PrivateRedis['client']>;
  readonly #script: (job: InteractiveJob) => Scripted;
  readonly #lane: TakenAsks;
  readonly #taking: Promise<void>;
  #stopped = false;

  constructor(redis: PrivateRedis, script: (job: InteractiveJob) => Scripted) {
    this.#voice = redis.client();
    this.#script = script;
    const connections = { redis: this.#voice, blocking: redis.client() };
    this.#lane = new TakenAsks({ ...connections, fetcher: randomUUID(), leaseMs: 60_000 });
    this.#taking = this.#takeThem();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#taking;
  }

  async #takeThem(): Promise<void> {
    while (!this.#stopped) {
      for (const ask of await this.#lane.take(16, 50)) void this.#play(ask);
    }
  }

  async #play(ask: TakenAsk): Promise<void> {
    const { jobId } = ask;
    const job = ask.data as InteractiveJob;
    const tell = (outcome: Outcome): Promise<void> => announce(this.#voice, outcome);
    this.jobs.push(job);
    const said = this.#script(job);
    if (said === 'silence') return;
    if (!(said instanceof Failure) && 'postponedBy' in said) {
      const resumesAt = Date.now() + said.postponedBy;
      await tell({ jobId, state: 'postponed', resumesAt, because: 'limit' });
      await delay(said.postponedBy, undefined, { ref: false });
      return this.#stopped ? undefined : this.#play(ask);
    }
    await tell(
      said instanceof Failure
        ? { jobId, state: 'failed', failure: said.toRecord() }
        : { jobId, state: 'answered', result: said },
    );
    await this.#lane.end(ask);
  }
}

/** The endpoint a job asks for, or `stream`. */
export const askedBy = (job: InteractiveJob): string => ('probe' in job ? 'stream' : job.endpoint);
