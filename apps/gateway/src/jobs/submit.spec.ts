import { redisIsHere } from '@glasshouse/private-redis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Failure } from '@glasshouse/coinglass-client';
import { JobStage, order } from './testing/job-stage.ts';

(redisIsHere ? describe : describe.skip)('jobs over HTTP', () => {
  const stage = new JobStage();
  const { call, submit, submitted, jobsInQueue, work, answer, until } = stage;
  beforeAll(() => stage.start());
  afterAll(() => stage.stop());
  beforeEach(() => stage.forget());

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
      expect((await stage.queue.getJob(json.id))?.data).toEqual({
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
      expect(await stage.redis.keys('*job*')).toEqual([]);
      expect(await jobsInQueue()).toBe(0);
    });

    it('that the plan does not have, or that are switched off, are refused with the house’s own problems', async () => {
      const heatmap = await submit({ body: { endpoint: 'futures/liquidation/heatmap/model1' } });
      expect(heatmap).toMatchObject({ status: 403, json: { kind: 'plan-not-entitled' } });
      stage.off = new Failure('endpoint-disabled', 'off');
      expect(await submit()).toMatchObject({ status: 503, json: { kind: 'endpoint-disabled' } });
    });

    it('are taken without an instrument table, which the fetcher may have by then', async () => {
      stage.noTable = new Failure('upstream-unavailable', 'down');
      expect((await submit()).status).toBe(202);
    });

    it('need the scope jobs:write', async () => {
      const { status, json } = await submit({ team: 'reader' });
      expect({ status, kind: json.kind }).toEqual({ status: 403, kind: 'forbidden-scope' });
    });

    it('behind a backlog past its bound are refused with the wait, and leave no trace', async () => {
      await stage.redis.rpush(
        stage.queue.toKey('wait'),
        ...Array.from({ length: 14_000 }, (_, at) => `x${at}`),
      );
      const { status, headers, json } = await submit({ key: 'k' });
      expect({ status, kind: json.kind }).toEqual({ status: 503, kind: 'queue-full' });
      expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      expect((await stage.redis.keys('*')).filter((name) => name.includes(':v1:'))).toEqual([]);
      await stage.redis.ltrim(stage.queue.toKey('wait'), 0, 99);
      const late = await submit({ body: { ...order, deadlineAt: Date.now() + 5_000 } });
      expect(late).toMatchObject({ status: 503, json: { kind: 'queue-full' } });
      // 100 jobs at 225 a minute begin in 26.7 s, 21.7 s after the deadline.
      expect(late.json.retryAfterMs).toBeGreaterThan(20_000);
      expect(late.json.retryAfterMs).toBeLessThanOrEqual(22_000);
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
      await stage.queue.remove(json.id);
      const again = await submit({ key: 'k1' });
      expect(again.json.id).toBe(json.id);
      expect(await stage.queue.getJobState(json.id)).toBe('waiting');
      expect(await jobsInQueue()).toBe(1);
    });

    it('are not run again once they have ended, though the queue has forgotten them', async () => {
      const { json } = await submit({ key: 'k1' });
      work(answer);
      await until(json.id, 'completed');
      // The record ends a moment before the queue's own job.
      while ((await stage.queue.remove(json.id)) === 0);
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
      await stage.redis.flushall();
      const lost = await call('GET', `/v1/jobs/${json.id}`);
      expect(lost).toMatchObject({ status: 404, json: { kind: 'job-unknown' } });
      expect(lost.json.detail).toContain('same Idempotency-Key');
      const again = await submit({ key: 'k1' });
      expect(again.status).toBe(202);
      expect(again.json.id).not.toBe(json.id);
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
    stage.server.freeze();
    try {
      await expectAway();
    } finally {
      stage.server.thaw();
    }
    await stage.server.kill();
    await expectAway();
    await stage.server.start();
    await stage.redisIsThere();
    expect((await submit()).status).toBe(202);
  });
});
