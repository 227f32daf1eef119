import { createServer, connect, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import type { Queue } from 'bullmq';
import { openQueue } from '../queues.ts';
import { createProducer, type Producer, type ProducerOptions } from './producer.ts';

const job = { v: 1, endpoint: 'etf/bitcoin/list' } as const;

/** Between producer and Redis: on demand it passes the next bytes on and swallows the reply, then hangs up. */
class ReplySwallower {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  swallow = false;
  swallowed = 0;

  constructor(port: number) {
    this.#server = createServer((client) => {
      const upstream = connect(port, '127.0.0.1');
      for (const socket of [client, upstream]) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => this.#sockets.delete(socket));
      }
      let adds = false;
      client.on('data', (chunk) => {
        // The add itself is the only command that carries the job's data.
        adds ||= this.swallow && chunk.includes('etf/bitcoin/list');
        upstream.write(chunk);
      });
      upstream.on('data', (chunk) => {
        if (!adds) return void client.write(chunk);
        this.swallow = false;
        this.swallowed += 1;
        client.destroy();
        upstream.destroy();
      });
      client.on('close', () => upstream.destroy());
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((on) => this.#server.listen(0, '127.0.0.1', on));
    return `redis://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

(redisIsHere ? describe : describe.skip)('a producer', () => {
  let server: PrivateRedis;
  let queue: Queue;
  const open: { close(): unknown }[] = [];

  beforeAll(async () => {
    server = await PrivateRedis.started();
    queue = openQueue('shared', server.client());
  });
  beforeEach(() => server.client().flushall());
  afterEach(() => Promise.all(open.splice(0).map((each) => each.close())));
  afterAll(async () => {
    await queue.close();
    await server.stop();
  });

  const producer = (options: Partial<ProducerOptions> = {}): Producer => {
    const made = createProducer({ redis: server.url, ...options });
    open.push(made);
    return made;
  };
  /** Once its connection is there: before, an add fails at once. */
  const ready = async (options: Partial<ProducerOptions> = {}): Promise<Producer> => {
    const made = producer(options);
    while (
      (await made.add(job, { jobId: 'j-first' }).catch(() => ({ state: 'away' }))).state === 'away'
    );
    await (await queue.getJob('j-first'))?.remove();
    return made;
  };
  const waiting = (): Promise<number> => queue.getWaitingCount();

  it('has a job accepted once, under an id that it says, and refused a second time', async () => {
    const made = await ready();
    expect(await made.add(job, { jobId: 'j-1' })).toEqual({ state: 'accepted', jobId: 'j-1' });
    expect(await made.add(job, { jobId: 'j-1' })).toEqual({ state: 'duplicate', jobId: 'j-1' });
    expect(await made.add(job)).toEqual({
      state: 'accepted',
      jobId: expect.stringMatching(/^j[0-9a-f]{32}$/),
    });
    expect(await waiting()).toBe(2);
  });

  it('may ask a question once, whoever asks it, in whatever order and until when', async () => {
    const made = await ready();
    const params = { exchange: 'OKX', limit: 3 };
    const first = await made.add({ ...job, params, team: 'a' }, { once: true });
    const same = { team: 'b', params: { limit: 3, exchange: 'OKX' }, ...job };
    expect(await made.add({ ...same, deadlineAt: Date.now() + 60_000 }, { once: true })).toEqual({
      state: 'duplicate',
      jobId: 'jobId' in first ? first.jobId : '',
    });
    const other = await made.add({ ...job, params: { exchange: 'OKX', limit: 4 } }, { once: true });
    expect(other.state).toBe('accepted');
  });

  it('is told what is wrong with a job before anything is sent', async () => {
    const made = producer({ redis: 'redis://127.0.0.1:1' });
    const hostile = [
      { ...job, v: 2 },
      { ...job, lane: 'interactive' },
      { ...job, params: { x: 'y'.repeat(20_000) } },
      JSON.parse('{"v":1,"endpoint":"x","params":{"__proto__":"y"}}'),
    ];
    for (const bad of hostile) {
      await expect(made.add(bad)).rejects.toMatchObject({ kind: 'invalid-job' });
    }
    for (const jobId of ['7', 'a:b', 'a\r\nb', '', 'x'.repeat(129)]) {
      await expect(made.add(job, { jobId })).rejects.toMatchObject({
        kind: 'invalid-job',
        errors: [{ field: 'jobId' }],
      });
    }
  });

  it('is shed with the wait for room when the backlog is at its bound', async () => {
    const made = await ready({ backlogMax: 3, perMinute: 60 });
    for (const delay of [0, 0, 60_000]) await queue.add('any', job, { delay });
    expect(await made.add(job)).toEqual({
      state: 'shed',
      because: 'backlog',
      retryAfterMs: 1_000,
    });
    expect(await waiting()).toBe(2);
  });

  it('is shed when its job could not begin before its own deadline', async () => {
    const made = await ready({ perMinute: 60, now: () => 1_000_000 });
    for (let n = 0; n < 10; n += 1) await queue.add('any', job);
    expect(await made.add({ ...job, deadlineAt: 1_004_000 })).toEqual({
      state: 'shed',
      because: 'deadline',
      retryAfterMs: 6_000,
    });
    expect((await made.add({ ...job, deadlineAt: 1_011_000 })).state).toBe('accepted');
  });

  it('is told within a second that Redis is away, and works again when it is back', async () => {
    const made = await ready();
    await server.kill();
    const startedAt = performance.now();
    await expect(made.add(job, { jobId: 'j-2' })).rejects.toMatchObject({
      kind: 'store-unavailable',
      detail: expect.stringContaining('jobId j-2'),
      retryAfterMs: 5_000,
    });
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    await server.start();
    const deadlineAt = Date.now() + 10_000;
    let added = '';
    while (added !== 'accepted' && Date.now() < deadlineAt) {
      added = (await made.add(job, { jobId: 'j-2' }).catch(() => ({ state: '' }))).state;
    }
    expect(added).toBe('accepted');
  });

  it('is told in two seconds that a silent Redis has not answered', async () => {
    const made = await ready();
    server.freeze();
    const startedAt = performance.now();
    const failed = made.add(job, { jobId: 'j-3' });
    await expect(failed).rejects.toMatchObject({ kind: 'store-unavailable' });
    expect(performance.now() - startedAt).toBeLessThan(2_500);
    server.thaw();
  });

  it('adds one job when the reply to its adding is lost, and says that it was accepted', async () => {
    const between = new ReplySwallower(server.port);
    open.push({ close: () => between.stop() });
    const made = await ready({
      redis: await between.start(),
      sleep: () => new Promise((on) => setTimeout(on, 300)),
    });
    const rounds = Number(process.env['PROOF_LOST_REPLIES'] ?? 10);
    for (let round = 0; round < rounds; round += 1) {
      between.swallow = true;
      const jobId = `j-lost-${round}`;
      let added;
      while (added === undefined) added = await made.add(job, { jobId }).catch(() => undefined);
      expect(added).toEqual({ state: 'accepted', jobId });
      expect(await waiting()).toBe(round + 1);
    }
    expect(between.swallowed).toBe(rounds);
  }, 300_000);
});
