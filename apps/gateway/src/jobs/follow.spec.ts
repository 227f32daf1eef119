import { redisIsHere } from '@glasshouse/private-redis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { JobStage } from './testing/job-stage.ts';

(redisIsHere ? describe : describe.skip)('jobs over HTTP, followed', () => {
  const stage = new JobStage();
  const { call, submitted, work, answer, until } = stage;
  beforeAll(() => stage.start());
  afterAll(() => stage.stop());
  beforeEach(() => stage.forget());

  describe('followed', () => {
    const follow = async (id: string, headers: Record<string, string> = {}) => {
      const response = await fetch(`${stage.origin}/v1/jobs/${id}/events`, {
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
      stage.events.stop();
      expect(eventsIn(await response.text())).toHaveLength(1);
    });
  });
});
