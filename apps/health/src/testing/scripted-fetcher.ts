import { Failure } from '@glasshouse/coinglass-client';
import {
  announce,
  keyPrefix,
  queueNames,
  type InteractiveJob,
  type JobResult,
  type Outcome,
} from '@glasshouse/fetch-queue';
import type { PrivateRedis } from '@glasshouse/private-redis';
import { DelayedError, UnrecoverableError, Worker } from 'bullmq';

/** What the script does with a job: answer it, fail it, put it off, or hold it and say nothing. */
export type Scripted = JobResult | Failure | { readonly postponedBy: number } | 'silence';

/** A fetcher whose vendor is a script: takes jobs as the real one does and announces what the script says. */
export class ScriptedFetcher {
  readonly jobs: InteractiveJob[] = [];
  readonly #worker: Worker<InteractiveJob>;
  readonly #release: () => void;

  constructor(redis: PrivateRedis, script: (job: InteractiveJob) => Scripted) {
    const voice = redis.client();
    const { promise: released, resolve } = Promise.withResolvers<void>();
    this.#release = resolve;
    const tell = (outcome: Outcome): Promise<void> => announce(voice, outcome);
    this.#worker = new Worker<InteractiveJob>(
      queueNames.interactive,
      async (job, token) => {
        const { id: jobId = '', data } = job;
        this.jobs.push(data);
        const said = script(data);
        if (said === 'silence') return released;
        if (said instanceof Failure) {
          await tell({ jobId, state: 'failed', failure: said.toRecord() });
          throw new UnrecoverableError(said.message);
        }
        if ('postponedBy' in said) {
          const resumesAt = Date.now() + said.postponedBy;
          await tell({ jobId, state: 'postponed', resumesAt, because: 'limit' });
          await job.moveToDelayed(resumesAt, token);
          throw new DelayedError();
        }
        await tell({ jobId, state: 'answered', result: said });
        return said;
      },
      { connection: redis.client(), prefix: keyPrefix },
    );
    this.#worker.on('error', () => undefined);
  }

  async stop(): Promise<void> {
    this.#release();
    await this.#worker.close();
  }
}

/** The endpoint a job asks for, or `stream`. */
export const askedBy = (job: InteractiveJob): string => ('probe' in job ? 'stream' : job.endpoint);
