import { redisIsHere } from '@glasshouse/private-redis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { redisKeys } from '@glasshouse/fetch-queue';
import { JobStage } from './testing/job-stage.ts';

(redisIsHere ? describe : describe.skip)('jobs over HTTP, listed and cancelled', () => {
  const stage = new JobStage();
  const { call, submitted, jobsInQueue, work, answer, until } = stage;
  beforeAll(() => stage.start());
  afterAll(() => stage.stop());
  beforeEach(() => stage.forget());

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
      expect(await stage.redis.get(redisKeys.cancelled(id))).toBe('1');
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
});
