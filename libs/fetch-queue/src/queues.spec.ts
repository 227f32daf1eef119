import { Worker, type Queue } from 'bullmq';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import { keyPrefix, queueNames } from './keys.ts';
import { newJobId } from './job.ts';
import { openQueue, retention } from './queues.ts';

(redisIsHere ? describe : describe.skip)('the queues', () => {
  let server: PrivateRedis;
  let queue: Queue;

  beforeAll(async () => {
    server = await PrivateRedis.started();
    queue = openQueue('shared', server.client());
  });
  afterAll(async () => {
    await queue.close();
    await server.stop();
  });

  /** Works on one job and resolves when it has ended. */
  const workOff = async (work: () => Promise<void>): Promise<void> => {
    const connection = server.client();
    const worker = new Worker(queueNames.shared, work, { connection, prefix: keyPrefix });
    worker.on('error', () => undefined);
    await new Promise<void>((ended) => {
      worker.on('completed', () => ended());
      worker.on('failed', () => ended());
    });
    await worker.close();
  };

  it('add a job once, however often the sending of the same id is repeated', async () => {
    const jobId = newJobId();
    await queue.add('fetch', {}, { jobId });
    await queue.add('fetch', {}, { jobId });
    expect(await queue.getWaitingCount()).toBe(1);
    await (await queue.getJob(jobId))!.remove();
  });

  it.each([
    { how: 'has answered', work: () => Promise.resolve(), state: 'completed' },
    { how: 'has failed', work: () => Promise.reject(new Error('no')), state: 'failed' },
  ])(
    'let a question be asked again as soon as its job $how, and keep the ended job',
    async ({ work, state }) => {
      const ask = (jobId: string) =>
        queue.add('fetch', {}, { jobId, deduplication: { id: 'question' } });
      const first = newJobId();
      await ask(first);
      expect((await ask(newJobId())).id).toBe(first);
      await workOff(work);
      expect(await queue.getJobState(first)).toBe(state);
      expect(await queue.getJob(first)).toMatchObject({ opts: retention });
      const second = newJobId();
      expect((await ask(second)).id).toBe(second);
      await (await queue.getJob(second))!.remove();
    },
  );

  it('let a question be asked again when the job that asked it was lost with its key left behind', async () => {
    const redis = server.client();
    await redis.set(`${keyPrefix}:${queueNames.shared}:de:lost`, 'j-lost');
    const jobId = newJobId();
    expect((await queue.add('fetch', {}, { jobId, deduplication: { id: 'lost' } })).id).toBe(jobId);
  });
});
