import { Failure } from '@glasshouse/coinglass-client';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { newJobId, parseFetchJob, type FetchJobInput } from '../job.ts';
import { openQueue } from '../queues.ts';
import { inSendSpan } from '../send-span.ts';
import { backlogMax, backlogPerMinute, noRoomBehind, type NoRoom } from './backlog.ts';
import { openProducerRedis } from './producer-redis.ts';
import { questionIdOf } from './question-id.ts';

export interface AddTerms {
  /**
   * Drawn for you unless told. Bring your own (`newJobId()`, or a name of the work) to add again, after a failure or a crash,
   * without adding twice.
   */
  readonly jobId?: string;
  /** True: while a job with the same question waits or runs, that one will do. */
  readonly once?: boolean;
}

/** What became of an adding. `duplicate`: the id was there already, or, asked once, the job named is the one that will answer. */
export type Added =
  | { readonly state: 'accepted' | 'duplicate'; readonly jobId: string }
  | ({ readonly state: 'shed' } & NoRoom);

export interface ProducerOptions {
  /** `redis://…` or `rediss://…`; or a connection that fails fast (see `openProducerRedis`), which stays the caller's. */
  readonly redis: string | Redis;
  readonly backlogMax?: number;
  /** The pace at which the backlog goes, for the quoted wait: jobs a minute. */
  readonly perMinute?: number;
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<unknown>;
}

export interface Producer {
  /**
   * Adds a job for the fetcher, or says why not. Rejects with `invalid-job`, before anything is sent, and with
   * `store-unavailable` when Redis gave no answer to any of three sendings: then it is not known whether the job was added, and
   * adding again with the same `jobId` is safe.
   */
  add(job: FetchJobInput, terms?: AddTerms): Promise<Added>;
  close(): Promise<void>;
}

/** Sendings of one add, all with the same id; within 600 ms when Redis is away, 2 s when it is silent. */
const sendingsMax = 3;
const betweenMs = 100;

const sleeping = (ms: number): Promise<unknown> => new Promise((on) => setTimeout(on, ms));

/** A producer of the shared queue. Returns at once; Redis may come later. */
export const createProducer = (options: ProducerOptions): Producer => {
  const { redis: given } = options;
  const redis = typeof given === 'string' ? openProducerRedis(given) : given;
  const queue = openQueue('shared', redis);
  const sender = new Sender({ ...defaults, ...options, redis, queue });
  return {
    add: (job, terms) => sender.add(job, terms),
    close: async () => {
      await queue.close();
      if (typeof given === 'string') redis.disconnect();
    },
  };
};

const defaults = { backlogMax, perMinute: backlogPerMinute, now: Date.now, sleep: sleeping };

interface SenderParts extends Required<Omit<ProducerOptions, 'redis'>> {
  readonly redis: Redis;
  readonly queue: Queue;
}

/** What a look at the queue shows before an add. */
interface Sight {
  readonly waiting: number;
  readonly there: boolean;
}

class Sender {
  readonly #parts: SenderParts;

  constructor(parts: SenderParts) {
    this.#parts = parts;
  }

  async add(
    job: FetchJobInput,
    { jobId = newJobId(), once = false }: AddTerms = {},
  ): Promise<Added> {
    assertJobId(jobId);
    const parsed = parseFetchJob(job);
    // `sent`: an earlier sending whose answer was lost may be the job that a later look finds.
    let sent = false;
    let cause: unknown;
    for (let sending = 1; sending <= sendingsMax; sending += 1) {
      try {
        const sight = await this.#look(jobId);
        if (sight.there) return { state: sent ? 'accepted' : 'duplicate', jobId };
        const shed = this.#shed(sight, parsed.deadlineAt);
        if (shed) return shed;
        sent = true;
        const added = await this.#send(job, jobId, once ? questionIdOf(parsed) : undefined);
        return { state: added === jobId ? 'accepted' : 'duplicate', jobId: added };
      } catch (thrown) {
        cause = thrown;
        if (sending < sendingsMax) await this.#parts.sleep(betweenMs);
      }
    }
    throw new Failure(
      'store-unavailable',
      sent
        ? `Redis did not say whether it took the job; add it again with jobId ${jobId}`
        : `Redis cannot be reached; add the job again with jobId ${jobId}`,
      { cause, retryAfterMs: 5_000 },
    );
  }

  async #look(jobId: string): Promise<Sight> {
    const { redis, queue } = this.#parts;
    const looks = [
      redis.llen(queue.toKey('wait')),
      redis.zcard(queue.toKey('prioritized')),
      redis.zcard(queue.toKey('delayed')),
      redis.exists(queue.toKey(jobId)),
    ] as const;
    const [waiting, prioritized, delayed, there] = await Promise.all(looks);
    return { waiting: waiting + prioritized + delayed, there: there === 1 };
  }

  #shed({ waiting }: Sight, deadlineAt: number | undefined): Added | undefined {
    const { backlogMax: most, perMinute, now } = this.#parts;
    const noRoom = noRoomBehind(waiting, { perMinute, deadlineAt, now: now(), backlogMax: most });
    return noRoom && { state: 'shed', ...noRoom };
  }

  /** The id of the job that will answer. */
  #send(job: FetchJobInput, jobId: string, question: string | undefined): Promise<string> {
    const { queue } = this.#parts;
    const { traceparent, ...rest } = job;
    return inSendSpan({ queue: queue.name, jobId, traceparent }, async (own) => {
      const data = own === undefined ? rest : { ...rest, traceparent: own };
      const added = await queue.add('fetch', data, {
        jobId,
        ...(question !== undefined && { deduplication: { id: question } }),
      });
      return added.id ?? jobId;
    });
  }
}

/** BullMQ refuses numbers and most colons; the rest of this keeps ids readable in Redis, logs and URLs. */
const assertJobId = (jobId: string): void => {
  if (/^(?!\d+$)[A-Za-z0-9._-]{1,128}$/.test(jobId)) return;
  const message = 'has 1 to 128 letters, digits, dots, dashes and underscores, and is no number';
  throw new Failure('invalid-job', `jobId: ${message}`, { errors: [{ field: 'jobId', message }] });
};
