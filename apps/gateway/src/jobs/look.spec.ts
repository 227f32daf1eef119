import { redisIsHere } from '@glasshouse/private-redis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { answered, JobStage, order } from './testing/job-stage.ts';

(redisIsHere ? describe : describe.skip)('jobs over HTTP, looked at', () => {
  const stage = new JobStage();
  const { call, submitted, work, workBare, answer, until } = stage;
  beforeAll(() => stage.start());
  afterAll(() => stage.stop());
  beforeEach(() => stage.forget());

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
      workBare(async () => answered);
      await until(id, 'completed');
      await stage.queue.remove(id);
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
      await stage.queue.add('any', { v: 1, endpoint: 'etf/bitcoin/list' }, { jobId: 'theirs' });
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
});
