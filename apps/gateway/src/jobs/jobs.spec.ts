import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { buildInstrumentTable, Failure } from '@glasshouse/coinglass-client';
import {
  announce,
  endingOf,
  JobRecords,
  openQueue,
  OutcomeWatch,
  redisKeys,
  type Outcome,
} from '@glasshouse/fetch-queue';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import { scopes, type Scope } from '@glasshouse/teams';
import type { Logger } from '@glasshouse/service-kit';
import { DelayedError, UnrecoverableError, Worker, type Job, type Queue } from 'bullmq';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Redis } from 'ioredis';
import type { Access } from '../access/access.ts';
import { ProblemFilter } from '../http/problem.filter.ts';
import { RouteTable } from '../http/route-table.ts';
import { createGatewayServer } from '../http/server.ts';
import { RequestObserver } from '../observe/request-observer.ts';
import { registerEventRoute } from './event-route.ts';
import { JobDesk } from './job-desk.ts';
import { JobEvents } from './job-events.ts';
import { registerJobRoutes } from './job-routes.ts';
import { StreamPlaces } from './stream-places.ts';

const quiet = () => undefined;
const logger = { info: quiet, warn: quiet, error: quiet } as unknown as Logger;
const table = buildInstrumentTable({
  OKX: [{ instrument_id: 'SOL-USDT-SWAP', base_asset: 'SOL', quote_asset: 'USDT' }],
});
const order = {
  endpoint: 'futures/funding-rate/history',
  instrument: { exchange: 'OKX', coin: 'SOL' },
  interval: '4h',
};
const answered = { permits: 1, answerKey: 'v1.a', url: '/v1/answers/v1.a', source: 'sandbox' };

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

(redisIsHere ? describe : describe.skip)('jobs over HTTP', () => {
  let server: PrivateRedis;
  let redis: Redis;
  let queue: Queue;
  let fastify: FastifyInstance;
  let watch: OutcomeWatch;
  let events: JobEvents;
  let origin: string;
  let off: Failure | undefined;
  const lookUp = { fails: undefined as Failure | undefined };
  const workers: Worker[] = [];

  beforeAll(async () => {
    server = await PrivateRedis.started();
    // As the gateway connects: nothing waits for a Redis that is away.
    redis = server.client({
      enableOfflineQueue: false,
      commandTimeout: 500,
      maxRetriesPerRequest: 0,
    });
    while ((await redis.ping().catch(() => '')) !== 'PONG')
      await new Promise((on) => setTimeout(on, 5));
    queue = openQueue('shared', redis);
    watch = new OutcomeWatch({ redis, subscriber: server.client(), pollMs: 100 });
    watch.start();
    events = new JobEvents({ watch, pollMs: 50 });
    const routes = new RouteTable();
    const observer = new RequestObserver(logger);
    const filter = new ProblemFilter(logger, routes);
    fastify = Fastify({
      serverFactory: (framework) => createGatewayServer(framework, () => false, routes),
      routerOptions: { maxParamLength: 4_096 },
      frameworkErrors: (error, request, reply) => {
        reply.hijack();
        filter.write(error, request, reply.raw);
      },
    });
    routes.follow(fastify);
    const records = new JobRecords(redis);
    const desk = new JobDesk({ records, queue, redis, rpm: 250, traceparent: () => undefined });
    registerJobRoutes(fastify, {
      access,
      observer,
      desk,
      upstream: { origin: 'http://x', plan: 'standard' },
      instruments: {
        lookUp: async (find) => {
          if (lookUp.fails) throw lookUp.fails;
          return find(table);
        },
      },
      forbidden: async () => off,
    });
    const places = new StreamPlaces({ teamMax: 2, allMax: 3 });
    registerEventRoute(fastify, { access, observer, desk, events, places });
    await fastify.listen({ port: 0, host: '127.0.0.1' });
    origin = `http://127.0.0.1:${(fastify.server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    events.stop();
    watch.stop();
    await fastify.close();
    await queue.close();
    await server.stop();
  });
  beforeEach(async () => {
    off = undefined;
    lookUp.fails = undefined;
    await redis.flushall();
  });
  afterEach(() => Promise.all(workers.splice(0).map((worker) => worker.close(true))));

  const call = async (
    method: string,
    path: string,
    { team = 'desk', body, key }: { team?: string; body?: unknown; key?: string } = {},
  ) => {
    const response = await fetch(`${origin}${path}`, {
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
  const submit = (terms: { team?: string; key?: string; body?: unknown } = {}) =>
    call('POST', '/v1/jobs', { body: order, ...terms });
  const submitted = async (team?: string): Promise<string> =>
    (await submit(team === undefined ? {} : { team })).json.id;
  const jobsInQueue = () =>
    queue.getJobCountByTypes('waiting', 'delayed', 'active', 'completed', 'failed');

  /** Takes jobs as the fetcher does, as far as the gateway can tell. */
  const work = (run: (job: Job, token: string) => Promise<Outcome>): Worker => {
    const records = new JobRecords(redis);
    const worker = new Worker(
      queue.name,
      async (job, token = '') => {
        const outcome = await run(job, token);
        const ending = endingOf(outcome);
        if (ending) await records.end(outcome.jobId, ending);
        await announce(redis, outcome);
        if (outcome.state === 'answered') return outcome.result;
        if (outcome.state === 'failed')
          throw new UnrecoverableError(`${outcome.failure.kind}: ${outcome.failure.detail}`);
        await job.moveToDelayed(outcome.resumesAt, token);
        throw new DelayedError();
      },
      { connection: server.client({ maxRetriesPerRequest: null }), prefix: '{coinglass}' },
    );
    worker.on('error', quiet);
    workers.push(worker);
    return worker;
  };
  const answer = async (job: Job): Promise<Outcome> => ({
    jobId: job.id ?? '',
    state: 'answered',
    result: answered,
  });
  const until = async (id: string, state: string) => {
    for (;;) {
      const { json } = await call('GET', `/v1/jobs/${id}`);
      if (json.state === state) return json;
      await new Promise((on) => setTimeout(on, 10));
    }
  };

  describe('submitted', () => {
    it('are accepted under an id nobody guesses, for the team of the key', async () => {
      const { status, headers, json } = await submit();
      expect(status).toBe(202);
      expect(json).toEqual({
        id: expect.stringMatching(/^j[0-9a-f]{32}$/),
        state: 'queued',
        links: { self: `/v1/jobs/${json.id}`, events: `/v1/jobs/${json.id}/events` },
      });
      expect(headers.get('location')).toBe(`/v1/jobs/${json.id}`);
      expect((await queue.getJob(json.id))?.data).toEqual({
        v: 1,
        ...order,
        strict: false,
        team: 'desk',
      });
    });

    it.each([
      ['a team of their own', { ...order, team: 'other' }, 400, 'team'],
      ['a trace of their own', { ...order, traceparent: 'x' }, 400, 'traceparent'],
      ['another version', { ...order, v: 2 }, 400, 'v'],
      ['no endpoint', { interval: '1h' }, 400, 'endpoint'],
      ['an unknown endpoint', { endpoint: 'futures/funding-rate/histori' }, 404, 'endpoint'],
      ['an interval that is none', { ...order, interval: '2h' }, 400, 'interval'],
      ['an unknown parameter', { ...order, params: { limits: 1 } }, 400, 'params.limits'],
      ['two ways to say two things', { ...order, params: { symbol: 'X' } }, 400, 'params.symbol'],
      ['a limit of nought', { ...order, params: { limit: 0 } }, 400, 'params.limit'],
      [
        'a reversed range',
        { ...order, params: { start_time: 1750000000000, end_time: 1740000000000 } },
        400,
        'params.end_time',
      ],
      [
        'an unknown coin',
        { ...order, instrument: { exchange: 'OKX', coin: 'SLO' } },
        404,
        'instrument.coin',
      ],
      ['a deadline that has passed', { ...order, deadlineAt: 1 }, 400, 'deadlineAt'],
    ])('with %s are refused by field, and nothing is added', async (_what, body, status, field) => {
      const { status: given, json } = await submit({ body });
      expect({
        status: given,
        fields: json.errors.map((error: { field: string }) => error.field),
      }).toEqual({
        status,
        fields: [field],
      });
      expect(await redis.keys('*job*')).toEqual([]);
      expect(await jobsInQueue()).toBe(0);
    });

    it('that the plan does not have, or that are switched off, are refused with the house’s own problems', async () => {
      const heatmap = await submit({ body: { endpoint: 'futures/liquidation/heatmap/model1' } });
      expect(heatmap).toMatchObject({ status: 403, json: { kind: 'plan-not-entitled' } });
      off = new Failure('endpoint-disabled', 'off');
      expect(await submit()).toMatchObject({ status: 503, json: { kind: 'endpoint-disabled' } });
    });

    it('are taken without an instrument table, which the fetcher may have by then', async () => {
      lookUp.fails = new Failure('upstream-unavailable', 'down');
      expect((await submit()).status).toBe(202);
    });

    it('need the scope jobs:write', async () => {
      const { status, json } = await submit({ team: 'reader' });
      expect({ status, kind: json.kind }).toEqual({ status: 403, kind: 'forbidden-scope' });
    });

    it('behind a backlog past its bound are refused with the wait, and leave no trace', async () => {
      await redis.rpush(
        queue.toKey('wait'),
        ...Array.from({ length: 14_000 }, (_, at) => `x${at}`),
      );
      const { status, headers, json } = await submit({ key: 'k' });
      expect({ status, kind: json.kind }).toEqual({ status: 503, kind: 'queue-full' });
      expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      expect((await redis.keys('*')).filter((name) => name.includes(':v1:'))).toEqual([]);
      await redis.ltrim(queue.toKey('wait'), 0, 99);
      const late = await submit({ body: { ...order, deadlineAt: Date.now() + 5_000 } });
      expect(late).toMatchObject({ status: 503, json: { kind: 'queue-full' } });
      // 100 jobs at 225 a minute begin in 26.7 s, 21.7 s after the deadline.
      expect(late.json.retryAfterMs).toBeGreaterThan(20_000);
      expect(late.json.retryAfterMs).toBeLessThan(22_000);
      expect((await submit()).status).toBe(202);
    });
  });

  describe('with an Idempotency-Key', () => {
    it('are one job, however many ask at once, and however the body is written', async () => {
      const all = await Promise.all(Array.from({ length: 20 }, () => submit({ key: 'k1' })));
      expect(new Set(all.map(({ json }) => json.id)).size).toBe(1);
      expect(all.map(({ status }) => status)).toEqual(Array(20).fill(202));
      expect(
        all.filter(({ headers }) => headers.get('idempotency-replayed') === null),
      ).toHaveLength(1);
      expect(await jobsInQueue()).toBe(1);
      const { interval, ...rest } = order;
      const other = await submit({ key: 'k1', body: { strict: false, interval, ...rest, v: 1 } });
      expect(other.json.id).toBe(all[0]?.json.id);
    });

    it('conflict with another body, and not with another team', async () => {
      const first = await submit({ key: 'k1' });
      const { status, json } = await submit({ key: 'k1', body: { ...order, interval: '1h' } });
      expect({ status, kind: json.kind }).toEqual({ status: 409, kind: 'idempotency-conflict' });
      const theirs = await submit({ key: 'k1', team: 'other', body: { ...order, interval: '1h' } });
      expect(theirs.status).toBe(202);
      expect(theirs.json.id).not.toBe(first.json.id);
    });

    it('are added by a repetition that were begun and never added', async () => {
      const { json } = await submit({ key: 'k1' });
      // As a crash between record and queue leaves it.
      await queue.remove(json.id);
      const again = await submit({ key: 'k1' });
      expect(again.json.id).toBe(json.id);
      expect(await queue.getJobState(json.id)).toBe('waiting');
      expect(await jobsInQueue()).toBe(1);
    });

    it('are not run again once they have ended, though the queue has forgotten them', async () => {
      const { json } = await submit({ key: 'k1' });
      work(answer);
      await until(json.id, 'completed');
      // The record ends a moment before the queue's own job.
      while ((await queue.remove(json.id)) === 0);
      const again = await submit({ key: 'k1' });
      expect(again).toMatchObject({ status: 200, json: { id: json.id, state: 'completed' } });
      expect(await jobsInQueue()).toBe(0);
    });

    it.each(['', 'x'.repeat(256), 'with blank', 'é'])('refuse %j for one', async (key) => {
      const { status, json } = await submit({ key });
      expect({ status, field: json.errors?.[0].field }).toEqual({
        status: 400,
        field: 'idempotency-key',
      });
    });

    it('are new after Redis has lost everything, and the old id is unknown', async () => {
      const { json } = await submit({ key: 'k1' });
      await redis.flushall();
      const lost = await call('GET', `/v1/jobs/${json.id}`);
      expect(lost).toMatchObject({ status: 404, json: { kind: 'job-unknown' } });
      expect(lost.json.detail).toContain('same Idempotency-Key');
      const again = await submit({ key: 'k1' });
      expect(again.status).toBe(202);
      expect(again.json.id).not.toBe(json.id);
    });
  });

  describe('looked at', () => {
    it('say where they are: queued, running, waiting for a permit, completed', async () => {
      const id = await submitted();
      expect((await call('GET', `/v1/jobs/${id}`)).json).toEqual({
        id,
        state: 'queued',
        team: 'desk',
        order: { v: 1, ...order, strict: false },
        createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
        attempts: 0,
        links: { self: `/v1/jobs/${id}`, events: `/v1/jobs/${id}/events` },
      });
      const gate = Promise.withResolvers<void>();
      let resumesAt = 0;
      let runs = 0;
      work(async (job) => {
        runs += 1;
        await gate.promise;
        resumesAt = Date.now() + 1_000;
        return runs > 1
          ? answer(job)
          : { jobId: job.id ?? '', state: 'postponed', resumesAt, because: 'limit' };
      });
      expect(await until(id, 'running')).toMatchObject({ startedAt: expect.any(String) });
      gate.resolve();
      const waiting = await until(id, 'waiting-for-permit');
      expect(waiting).toMatchObject({
        because: 'limit',
        resumesAt: new Date(resumesAt).toISOString(),
      });
      const { url, permits, ...result } = answered;
      expect(await until(id, 'completed')).toMatchObject({
        permits,
        result,
        attempts: 1,
        endedAt: expect.any(String),
        links: { answer: url },
      });
    });

    it('say why they failed, in our words only', async () => {
      const id = await submitted();
      work(async (job) => ({
        jobId: job.id ?? '',
        state: 'failed',
        failure: {
          kind: 'upstream-rejected',
          detail: 'CoinGlass rejected our request',
          upstream: { status: 200, code: '400', message: 'secret words', snippet: '<html>' },
        },
      }));
      const job = await until(id, 'failed');
      expect(job.failure).toEqual({
        kind: 'upstream-rejected',
        detail: 'CoinGlass rejected our request',
        retryable: false,
        upstream: { status: 200, code: '400' },
      });
      expect(JSON.stringify(job)).not.toMatch(/secret|html/);
    });

    it('end as the queue says where the record of their end could not be written', async () => {
      const id = await submitted();
      const worker = new Worker(queue.name, async () => answered, {
        connection: server.client({ maxRetriesPerRequest: null }),
        prefix: '{coinglass}',
      });
      workers.push(worker);
      await until(id, 'completed');
      await queue.remove(id);
      expect((await call('GET', `/v1/jobs/${id}`)).json.state).toBe('completed');
    });

    it('are unknown to another team, in the same words as one that never was', async () => {
      const id = await submitted();
      const never = `j${'f'.repeat(32)}`;
      for (const [method, suffix] of [
        ['GET', ''],
        ['DELETE', ''],
        ['GET', '/events'],
      ] as const) {
        const theirs = await call(method, `/v1/jobs/${id}${suffix}`, { team: 'other' });
        const none = await call(method, `/v1/jobs/${never}${suffix}`, { team: 'other' });
        expect(theirs.status).toBe(404);
        const { traceId: _a, instance: _b, ...words } = theirs.json;
        expect(none.json).toMatchObject(words);
      }
      expect((await call('GET', `/v1/jobs/${id}`)).json.state).toBe('queued');
      expect((await call('GET', `/v1/jobs/${id}`, { team: 'root' })).json.team).toBe('desk');
    });

    it('that nobody owns are the operators’ to see alone', async () => {
      await queue.add('any', { v: 1, endpoint: 'etf/bitcoin/list' }, { jobId: 'theirs' });
      expect((await call('GET', '/v1/jobs/theirs')).status).toBe(404);
      const seen = await call('GET', '/v1/jobs/theirs', { team: 'root' });
      expect(seen).toMatchObject({ status: 200, json: { state: 'queued', team: null } });
    });

    it.each(['..%2f..%2fetc', 'x'.repeat(3_000), '%00', '*', '__proto__'])(
      'under %j are unknown',
      async (id) => {
        for (const team of ['desk', 'root']) {
          expect((await call('GET', `/v1/jobs/${id}`, { team })).json.kind).toBe('job-unknown');
        }
      },
    );
  });

  describe('listed', () => {
    it('are a team’s own, newest first, page by page', async () => {
      const ids: string[] = [];
      for (let count = 0; count < 5; count += 1) {
        ids.unshift(await submitted());
        for (const at = Date.now(); Date.now() <= at + 1;);
      }
      await submitted('other');
      const first = (await call('GET', '/v1/jobs?limit=3')).json;
      expect(first.jobs.map((job: { id: string }) => job.id)).toEqual(ids.slice(0, 3));
      const second = (await call('GET', `/v1/jobs?limit=3&cursor=${first.next}`)).json;
      expect(second.jobs.map((job: { id: string }) => job.id)).toEqual(ids.slice(3));
      expect(second.next).toBeUndefined();
      expect((await call('GET', '/v1/jobs', { team: 'root' })).json.jobs).toHaveLength(6);
      expect((await call('GET', '/v1/jobs?team=other', { team: 'root' })).json.jobs).toHaveLength(
        1,
      );
    });

    it('are those in one state', async () => {
      const [failing, running] = [await submitted(), await submitted()];
      const gate = Promise.withResolvers<void>();
      work(async (job) => {
        if (job.id === running) await gate.promise;
        return job.id === failing
          ? {
              jobId: failing,
              state: 'failed',
              failure: { kind: 'upstream-rejected', detail: 'no' },
            }
          : answer(job);
      });
      await until(running, 'running');
      const waiting = await submitted();
      await call('DELETE', `/v1/jobs/${await submitted()}`);
      const idsIn = async (state: string) =>
        (await call('GET', `/v1/jobs?state=${state}`)).json.jobs.map(
          (job: { id: string }) => job.id,
        );
      expect(await idsIn('failed')).toEqual([failing]);
      expect(await idsIn('running')).toEqual([running]);
      expect(await idsIn('queued')).toEqual([waiting]);
      expect(await idsIn('cancelled')).toHaveLength(1);
      expect(await idsIn('completed')).toEqual([]);
      gate.resolve();
    });

    it.each([
      ['state=done', 400, 'state'],
      ['limit=0', 400, 'limit'],
      ['limit=201', 400, 'limit'],
      ['cursor=x', 400, 'cursor'],
      ['page=2', 400, 'page'],
      ['team=other', 403, 'team'],
    ])('refuse %s by field', async (query, status, field) => {
      const answer = await call('GET', `/v1/jobs?${query}`);
      expect({ status: answer.status, field: answer.json.errors[0].field }).toEqual({
        status,
        field,
      });
    });
  });

  describe('cancelled', () => {
    it('while they wait, end at once and for good', async () => {
      const id = await submitted();
      const { status, json } = await call('DELETE', `/v1/jobs/${id}`);
      expect(status).toBe(200);
      expect(json).toMatchObject({ state: 'cancelled', failure: { kind: 'cancelled' } });
      expect(await jobsInQueue()).toBe(0);
      const again = await call('DELETE', `/v1/jobs/${id}`);
      expect(again).toMatchObject({
        status: 200,
        json: { state: 'cancelled', endedAt: json.endedAt },
      });
    });

    it('while they run, are told to stop, and say so', async () => {
      const id = await submitted();
      const gate = Promise.withResolvers<void>();
      work(async (job) => {
        await gate.promise;
        const failure = { kind: 'cancelled', detail: 'stopped' } as const;
        return { jobId: job.id ?? '', state: 'failed', failure };
      });
      await until(id, 'running');
      const { status, json } = await call('DELETE', `/v1/jobs/${id}`);
      expect({ status, state: json.state, cancelling: json.cancelling }).toEqual({
        status: 202,
        state: 'running',
        cancelling: true,
      });
      expect(await redis.get(redisKeys.cancelled(id))).toBe('1');
      gate.resolve();
      expect(await until(id, 'cancelled')).not.toHaveProperty('cancelling');
    });

    it('after their end, stay as they ended', async () => {
      const id = await submitted();
      work(answer);
      const ended = await until(id, 'completed');
      expect(await call('DELETE', `/v1/jobs/${id}`)).toMatchObject({ status: 200, json: ended });
    });
  });

  describe('followed', () => {
    const follow = async (id: string, headers: Record<string, string> = {}) => {
      const response = await fetch(`${origin}/v1/jobs/${id}/events`, {
        headers: { authorization: 'desk', ...headers },
      });
      return response;
    };
    const eventsIn = (text: string) =>
      [...text.matchAll(/event: (\w+)\nid: (.*)\ndata: (.*)\n\n/g)].map(([, event, id, data]) => ({
        event,
        id,
        state: JSON.parse(data ?? '{}').state,
      }));

    it('tell each state, and end with the last one', async () => {
      const id = await submitted();
      const response = await follow(id);
      expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
      let runs = 0;
      work(async (job) => {
        runs += 1;
        if (runs > 1) return answer(job);
        const resumesAt = Date.now() + 300;
        return { jobId: job.id ?? '', state: 'postponed', resumesAt, because: 'pause' };
      });
      const seen = eventsIn(await response.text());
      expect(seen[0]).toEqual({ event: 'state', id: 'queued.0', state: 'queued' });
      expect(seen.map(({ state }) => state)).toContain('waiting-for-permit');
      expect(seen.at(-1)).toEqual({ event: 'end', id: 'completed.1', state: 'completed' });
    });

    it('go on where another gateway stopped, and do not begin again after the end', async () => {
      const id = await submitted();
      work(answer);
      await until(id, 'completed');
      const known = await follow(id, { 'last-event-id': 'queued.0' });
      expect(eventsIn(await known.text())).toEqual([
        { event: 'end', id: 'completed.1', state: 'completed' },
      ]);
      expect((await follow(id, { 'last-event-id': 'completed.1' })).status).toBe(204);
    });

    it('do not repeat what a reader knows', async () => {
      const id = await submitted();
      const response = await follow(id, { 'last-event-id': 'queued.0' });
      await call('DELETE', `/v1/jobs/${id}`);
      expect(eventsIn(await response.text())).toMatchObject([{ event: 'end', state: 'cancelled' }]);
    });

    it('are bounded in number, and a place comes back with its stream’s end', async () => {
      const [a, b] = [await submitted(), await submitted()];
      const open = [await follow(a), await follow(b)];
      const third = await follow(a);
      expect(third.status).toBe(429);
      expect(third.headers.get('retry-after')).toBe('10');
      const one = await follow(await submitted('other'), { authorization: 'other' });
      const full = await follow(await submitted('third'), { authorization: 'third' });
      expect(full.status).toBe(503);
      for (const response of [...open, one]) await response.body?.cancel();
      for (;;) {
        const again = await follow(a);
        await again.body?.cancel();
        if (again.status === 200) break;
      }
    });

    it('stop with the gateway', async () => {
      const id = await submitted();
      const response = await follow(id);
      events.stop();
      expect(eventsIn(await response.text())).toHaveLength(1);
    });
  });

  it('are 503 within 600 ms while Redis is silent or away', async () => {
    const id = await submitted();
    const calls = [
      () => submit({ key: 'k' }),
      () => call('GET', `/v1/jobs/${id}`),
      () => call('GET', '/v1/jobs'),
      () => call('DELETE', `/v1/jobs/${id}`),
      () => call('GET', `/v1/jobs/${id}/events`),
    ];
    const expectAway = async () => {
      for (const each of calls) {
        const startedAt = performance.now();
        const { status, json, headers } = await each();
        expect({ status, kind: json.kind }).toEqual({ status: 503, kind: 'store-unavailable' });
        expect(headers.get('retry-after')).toBe('5');
        expect(performance.now() - startedAt).toBeLessThan(600);
      }
    };
    server.freeze();
    try {
      await expectAway();
    } finally {
      server.thaw();
    }
    await server.kill();
    await expectAway();
    await server.start();
    while ((await redis.ping().catch(() => '')) !== 'PONG')
      await new Promise((on) => setTimeout(on, 5));
    expect((await submit()).status).toBe(202);
  });
});
