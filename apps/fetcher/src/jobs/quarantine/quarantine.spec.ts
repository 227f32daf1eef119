import { join } from 'node:path';
import { Failure, Postponed } from '@glasshouse/coinglass-client';
import { keyPrefix, queueNames } from '@glasshouse/fetch-queue';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SetAside } from '../job-fate.ts';
import { silent } from '../../testing/silent.ts';
import { createDeathCount } from './death-count.ts';
import { Quarantine, type QuarantineParts } from './quarantine.ts';

const program = join(process.cwd(), 'src/testing/obedient-process.ts');
const key = `${keyPrefix}:${queueNames.shared}:j-1`;

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

(redisIsHere ? describe : describe.skip)('the quarantine', () => {
  let server: PrivateRedis;
  let redis: ReturnType<PrivateRedis['client']>;
  const open: Quarantine[] = [];
  const ignore = (_permits: number): void => undefined;

  beforeAll(async () => {
    server = await PrivateRedis.started();
    redis = server.client();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    await redis.flushall();
    await redis.hset(key, 'name', 'any');
  });
  afterEach(() => open.splice(0).forEach((each) => each.stop()));

  const quarantine = (parts: Partial<QuarantineParts> = {}): Quarantine => {
    const made = new Quarantine({
      program,
      countDeath: createDeathCount(redis),
      logger: silent,
      ...parts,
    });
    open.push(made);
    return made;
  };
  const ask = (
    at: Quarantine,
    order: string,
    { runMs = 60_000, signal = new AbortController().signal, onSpent = ignore } = {},
  ) => {
    const call = { callId: 'j-1', arm: 'baseline', onTrial: false, counted: 'when-sent' } as const;
    const job = { queue: 'shared', jobId: 'j-1', data: { order }, timestamp: 1, call } as const;
    return at.perform(job, { runUntil: Date.now() + runMs, signal, onSpent });
  };

  it('tells what a job cost, however it ended', async () => {
    const at = quarantine();
    const spent: number[] = [];
    const onSpent = (permits: number): void => void spent.push(permits);
    await ask(at, 'answer', { onSpent });
    await expect(ask(at, 'refuse', { onSpent })).rejects.toThrow();
    expect(spent).toEqual([2, 1]);
  });

  it('hands on what the process says, from one process as long as it lives', async () => {
    const at = quarantine();
    const first = await ask(at, 'answer');
    expect((await ask(at, 'answer')).result.permits).toBe(first.result.permits);
    expect(first.result.permits).not.toBe(process.pid);
    await expect(ask(at, 'refuse')).rejects.toEqual(new Failure('unknown-instrument', 'no'));
    await expect(ask(at, 'postpone')).rejects.toEqual(new Postponed(7, 'pause'));
  });

  it.each(['exit', 'kill'])(
    'excuses the first death by %s, and ends the job at the second',
    async (order) => {
      const at = quarantine();
      await expect(ask(at, order)).rejects.toEqual(new SetAside(1_000));
      await expect(ask(at, order)).rejects.toMatchObject({
        kind: 'poison-job',
        detail: expect.stringMatching(/2 times alone \((exit code 3|SIGKILL)\)/),
      });
      expect(await redis.hget(key, 'deaths')).toBe('2');
      expect((await ask(at, 'answer')).result.permits).toBeGreaterThan(0);
    },
  );

  it('counts for all fetchers together, and on no job that is gone', async () => {
    await expect(ask(quarantine(), 'exit')).rejects.toBeInstanceOf(SetAside);
    await expect(ask(quarantine(), 'exit')).rejects.toMatchObject({ kind: 'poison-job' });
    await redis.del(key);
    await expect(ask(quarantine(), 'exit')).rejects.toBeInstanceOf(SetAside);
    expect(await redis.exists(key)).toBe(0);
  });

  it('ends no job for want of a count', async () => {
    const at = quarantine({ countDeath: () => Promise.reject(new Error('READONLY')) });
    await expect(ask(at, 'exit')).rejects.toBeInstanceOf(SetAside);
    await expect(ask(at, 'exit')).rejects.toBeInstanceOf(SetAside);
  });

  it.each(['loop', 'wait'])('ends a process that does not end by itself (%s)', async (order) => {
    const at = quarantine({ graceMs: 100 });
    await expect(ask(at, order, { runMs: 400 })).rejects.toBeInstanceOf(SetAside);
    await expect(ask(at, order, { runMs: 400 })).rejects.toMatchObject({
      detail: expect.stringContaining('(endless)'),
    });
  });

  it('takes one at a time, and has the others come back one after the other', async () => {
    const at = quarantine({ graceMs: 100 });
    const running = ask(at, 'wait', { runMs: 500 });
    await expect(ask(at, 'answer')).rejects.toEqual(new SetAside(100));
    await expect(ask(at, 'answer')).rejects.toEqual(new SetAside(200));
    await expect(running).rejects.toBeInstanceOf(SetAside);
    expect((await ask(at, 'answer')).result.permits).toBeGreaterThan(0);
  });

  it('lets go at once of a job that is to stop, and blames it for nothing', async () => {
    const at = quarantine();
    const { permits: pid } = (await ask(at, 'answer')).result;
    const stop = new AbortController();
    const running = ask(at, 'wait', { signal: stop.signal });
    const reason = new Error('the fetcher stops');
    setTimeout(() => stop.abort(reason), 20);
    await expect(running).rejects.toBe(reason);
    const deadlineAt = Date.now() + 5_000;
    while (isAlive(pid) && Date.now() < deadlineAt) await new Promise((on) => setTimeout(on, 10));
    expect(isAlive(pid)).toBe(false);
    expect(await redis.hget(key, 'deaths')).toBeNull();
  });

  it('blames no job for a process that cannot start', async () => {
    const at = quarantine({ program: join(process.cwd(), 'src/testing/there-is-none.ts') });
    await expect(ask(at, 'answer')).rejects.toEqual(new SetAside(3_000));
    expect(await redis.hget(key, 'deaths')).toBeNull();
  });

  it('ends an idle process, and starts another when there is need', async () => {
    const at = quarantine({ idleMs: 10 });
    const { permits: pid } = (await ask(at, 'answer')).result;
    const deadlineAt = Date.now() + 5_000;
    while (isAlive(pid) && Date.now() < deadlineAt) await new Promise((on) => setTimeout(on, 10));
    expect(isAlive(pid)).toBe(false);
    expect((await ask(at, 'answer')).result.permits).not.toBe(pid);
  });

  it('takes nobody once it has stopped', async () => {
    const at = quarantine();
    at.stop();
    await expect(ask(at, 'answer')).rejects.toBeInstanceOf(SetAside);
  });
});
