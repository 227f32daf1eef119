import type { AddressInfo } from 'node:net';
import { buildInstrumentTable, Failure } from '@glasshouse/coinglass-client';
import {
  announce,
  endingOf,
  JobRecords,
  openQueue,
  OutcomeWatch,
  type Outcome,
} from '@glasshouse/fetch-queue';
import { PrivateRedis } from '@glasshouse/private-redis';
import type { Logger } from '@glasshouse/service-kit';
import { scopes, type Scope } from '@glasshouse/teams';
import { DelayedError, UnrecoverableError, Worker, type Job, type Queue } from 'bullmq';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Redis } from 'ioredis';
import type { Access } from '../../access/access.ts';
import { ProblemFilter } from '../../http/problem.filter.ts';
import { RouteTable } from '../../http/route-table.ts';
import { createGatewayServer } from '../../http/server.ts';
import { RequestObserver } from '../../observe/request-observer.ts';
import { registerEventRoute } from '../event-route.ts';
import { JobDesk } from '../job-desk.ts';
import { JobEvents } from '../job-events.ts';
import { registerJobRoutes } from '../job-routes.ts';
import { StreamPlaces } from '../stream-places.ts';

const quiet = () => undefined;
const logger = { info: quiet, warn: quiet, error: quiet } as unknown as Logger;
const table = buildInstrumentTable({
  OKX: [{ instrument_id: 'SOL-USDT-SWAP', base_asset: 'SOL', quote_asset: 'USDT' }],
});

export const order = {
  endpoint: 'futures/funding-rate/history',
  instrument: { exchange: 'OKX', coin: 'SOL' },
  interval: '4h',
};
export const answered = {
  permits: 1,
  answerKey: 'v1.a',
  url: '/v1/answers/v1.a',
  source: 'sandbox',
};

/** Keys are the names of teams here; `root` is the operators'. */
const access: Access = {
  enter: async (headers, scope) => {
    const id = String(headers['authorization'] ?? 'desk');
    const has = new Set<Scope>(id === 'root' ? scopes : ['read', 'jobs:write']);
    if (id === 'reader') has.delete('jobs:write');
    if (!has.has(scope)) throw new Failure('forbidden-scope', `needs ${scope}`);
    return { team: { id, weight: 1 }, scopes: has };
  },
};

interface Called {
  readonly team?: string;
  readonly body?: unknown;
  readonly key?: string;
}

/** The jobs' routes on a socket, with a Redis of their own and, where a spec starts one, a worker in the fetcher's place. */
export class JobStage {
  server!: PrivateRedis;
  redis!: Redis;
  queue!: Queue;
  events!: JobEvents;
  origin!: string;
  /** A kill switch, while it is set. */
  off: Failure | undefined;
  /** Why there is no instrument table, while it is set. */
  noTable: Failure | undefined;
  #fastify!: FastifyInstance;
  #watch!: OutcomeWatch;
  readonly #workers: Worker[] = [];

  async start(): Promise<void> {
    this.server = await PrivateRedis.started();
    // As the gateway connects: nothing waits for a Redis that is away.
    this.redis = this.server.client({
      enableOfflineQueue: false,
      commandTimeout: 500,
      maxRetriesPerRequest: 0,
    });
    await this.redisIsThere();
    this.queue = openQueue('shared', this.redis);
    this.#watch = new OutcomeWatch({
      redis: this.redis,
      subscriber: this.server.client(),
      pollMs: 100,
    });
    this.#watch.start();
    this.events = new JobEvents({ watch: this.#watch, pollMs: 50 });
    this.#fastify = this.#serve();
    await this.#fastify.listen({ port: 0, host: '127.0.0.1' });
    this.origin = `http://127.0.0.1:${(this.#fastify.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    await this.#endWork();
    this.events.stop();
    this.#watch.stop();
    await this.#fastify.close();
    await this.queue.close();
    await this.server.stop();
  }

  async forget(): Promise<void> {
    await this.#endWork();
    this.off = undefined;
    this.noTable = undefined;
    await this.redis.flushall();
  }

  async #endWork(): Promise<void> {
    for (const worker of this.#workers.splice(0)) await worker.close(true);
  }

  async redisIsThere(): Promise<void> {
    while ((await this.redis.ping().catch(() => '')) !== 'PONG') {
      await new Promise((on) => setTimeout(on, 5));
    }
  }

  readonly call = async (
    method: string,
    path: string,
    { team = 'desk', body, key }: Called = {},
  ) => {
    const response = await fetch(`${this.origin}${path}`, {
      method,
      headers: {
        authorization: team,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(key !== undefined && { 'idempotency-key': key }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const json: any = text === '' ? undefined : JSON.parse(text); // eslint-disable-line @typescript-eslint/no-explicit-any -- whatever came
    return { status: response.status, headers: response.headers, json };
  };

  readonly submit = (terms: Called = {}) =>
    this.call('POST', '/v1/jobs', { body: order, ...terms });

  readonly submitted = async (team = 'desk'): Promise<string> =>
    (await this.submit({ team })).json.id;

  readonly jobsInQueue = (): Promise<number> =>
    this.queue.getJobCountByTypes('waiting', 'delayed', 'active', 'completed', 'failed');

  readonly until = async (id: string, state: string) => {
    for (;;) {
      const { json } = await this.call('GET', `/v1/jobs/${id}`);
      if (json.state === state) return json;
      await new Promise((on) => setTimeout(on, 10));
    }
  };

  readonly answer = async (job: Job): Promise<Outcome> => ({
    jobId: job.id ?? '',
    state: 'answered',
    result: answered,
  });

  /** Takes jobs as the fetcher does, as far as the gateway can tell. */
  readonly work = (run: (job: Job) => Promise<Outcome>): void => {
    const records = new JobRecords(this.redis);
    this.workBare(async (job, token) => {
      const outcome = await run(job);
      const ending = endingOf(outcome);
      if (ending) await records.end(outcome.jobId, ending);
      await announce(this.redis, outcome);
      if (outcome.state === 'answered') return outcome.result;
      if (outcome.state === 'failed') {
        throw new UnrecoverableError(`${outcome.failure.kind}: ${outcome.failure.detail}`);
      }
      await job.moveToDelayed(outcome.resumesAt, token);
      throw new DelayedError();
    });
  };

  /** Takes jobs and tells nobody. */
  readonly workBare = (run: (job: Job, token: string) => Promise<unknown>): void => {
    const connection = this.server.client({ maxRetriesPerRequest: null });
    const worker = new Worker(this.queue.name, (job, token = '') => run(job, token), {
      connection,
      prefix: '{coinglass}',
    });
    worker.on('error', quiet);
    this.#workers.push(worker);
  };

  #serve(): FastifyInstance {
    const routes = new RouteTable();
    const observer = new RequestObserver(logger, { add: () => undefined });
    const filter = new ProblemFilter(logger, routes);
    const fastify = Fastify({
      serverFactory: (framework) => createGatewayServer(framework, () => false, routes),
      routerOptions: { maxParamLength: 4_096 },
      frameworkErrors: (error, request, reply) => {
        reply.hijack();
        filter.write(error, request, reply.raw);
      },
    });
    routes.follow(fastify);
    const { redis, queue, events } = this;
    const records = new JobRecords(redis);
    const desk = new JobDesk({ records, queue, redis, rpm: 250, traceparent: () => undefined });
    registerJobRoutes(fastify, {
      access,
      observer,
      desk,
      upstream: { origin: 'http://x', plan: 'standard' },
      instruments: {
        lookUp: async (find) => {
          if (this.noTable) throw this.noTable;
          return find(table);
        },
      },
      forbidden: async () => this.off,
    });
    const places = new StreamPlaces({ teamMax: 2, allMax: 3 });
    registerEventRoute(fastify, { access, observer, desk, events, places });
    return fastify;
  }
}
