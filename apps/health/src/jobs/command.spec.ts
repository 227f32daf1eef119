import { openQueue } from '@glasshouse/fetch-queue';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { runJobsCommand } from './command.ts';

const run = async (argv: readonly string[], redisUrl = 'redis://127.0.0.1:1') => {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runJobsCommand({
    argv,
    env: { REDIS_URL: redisUrl },
    by: 'ada',
    stdout: { write: (text) => out.push(text) },
    stderr: { write: (text) => err.push(text) },
  });
  return { code, out: out.join(''), err: err.join('') };
};

describe('the jobs command, used wrongly,', () => {
  it.each([
    [[], 'what: is one of failed, show, replay, discard, add'],
    [['fail'], 'what: is one of'],
    [['show'], 'show: needs the id of a job'],
    [['replay'], 'replay: needs the id of a job'],
    [['add'], 'add: needs the job as JSON'],
    [['failed', 'j1'], 'failed: takes no id'],
    [['failed', '--limit', '0'], '--limit: is a whole number from 1 to 10000'],
    [['failed', '--what'], "Unknown option '--what'"],
  ])('%j says what is wrong, and how to use it', async (argv, sentence) => {
    const { code, err } = await run(argv);
    expect({ code, first: err.split('\n')[0] }).toEqual({
      code: 2,
      first: expect.stringContaining(sentence),
    });
    expect(err).toContain('Usage: npm run jobs');
  });

  it('says that there is no Redis', async () => {
    expect(await run(['failed'])).toEqual({
      ...{ code: 3, out: '' },
      err: 'redis://127.0.0.1:1 cannot be reached\n',
    });
  });
});

(redisIsHere ? describe : describe.skip)('the jobs command', () => {
  let server: PrivateRedis;
  let redis: ReturnType<PrivateRedis['client']>;
  let queue: ReturnType<typeof openQueue>;

  beforeAll(async () => {
    server = await PrivateRedis.started();
    redis = server.client();
    queue = openQueue('shared', redis);
  });
  afterAll(async () => {
    await queue.close();
    await server.stop();
  });
  beforeEach(() => redis.flushall());

  const jobs = (...argv: string[]) => run(argv, server.url);
  const fail = async (
    id: string,
    reason: string,
    data: string,
    failedAt: number,
  ): Promise<void> => {
    await redis.hset(queue.toKey(id), {
      ...{ name: 'any', data, opts: '{}', timestamp: 1_000, atm: 1 },
      failedReason: reason,
      finishedOn: failedAt,
    });
    await redis.zadd(queue.toKey('failed'), failedAt, id);
  };
  const good = '{"v":1,"endpoint":"etf/bitcoin/list"}';

  it('lists failed jobs, the newest first, by kind, and is spoilt by none', async () => {
    expect((await jobs('failed')).out).toBe('there are no failed jobs\n');
    expect((await jobs('failed', '--json')).out).toBe('');
    await fail('j-1', 'invalid-job: v: wrong', '{"v":2}', 2_000);
    await fail('j-2', 'upstream-unavailable: down', good, 3_000);
    await fail('j-3', 'invalid-job: \u001b[31mred', 'no json', 4_000);
    await redis.hset(queue.toKey('j-3'), 'opts', '{no json');
    expect((await jobs('failed')).out.split('\n')).toEqual([
      '1970-01-01T00:00:04.000Z  j-3  invalid-job: ·[31mred',
      '1970-01-01T00:00:03.000Z  j-2  upstream-unavailable: down',
      '1970-01-01T00:00:02.000Z  j-1  invalid-job: v: wrong',
      '',
    ]);
    const byKind = await jobs('failed', '--kind', 'invalid-job', '--limit', '1', '--json');
    expect(JSON.parse(byKind.out)).toMatchObject({ id: 'j-3', failedAt: 4_000, attempts: 1 });
    expect((await jobs('show', 'j-1')).out.split('\n')).toEqual([
      '1970-01-01T00:00:02.000Z  j-1  invalid-job: v: wrong',
      '  {"v":2}',
      '',
    ]);
  });

  it('replays a job once, with its data, a new id, and who did it when', async () => {
    await fail('j-1', 'upstream-unavailable: down', good, 2_000);
    const first = await jobs('replay', 'j-1', '--json');
    const { jobId } = JSON.parse(first.out) as { jobId: string };
    expect(first.code).toBe(0);
    const job = await queue.getJob(jobId);
    expect(job?.data).toEqual(JSON.parse(good));
    expect((await queue.getJobLogs(jobId)).logs).toEqual([
      expect.stringMatching(/^replay of j-1 by ada at \d{4}-/),
    ]);
    const again = await jobs('replay', 'j-1');
    expect(again.out).toBe(`j-1 was replayed before, as ${jobId}\n`);
    expect(await queue.getWaitingCount()).toBe(1);
    expect((await jobs('failed')).out).toContain(`(replayed as ${jobId} by ada, `);
  });

  it('finishes a replay that was broken off after its claim', async () => {
    await fail('j-1', 'upstream-unavailable: down', good, 2_000);
    await redis.hset(queue.toKey('j-1'), 'replayedAs', 'j-claimed');
    expect((await jobs('replay', 'j-1')).out).toBe('j-1 is replayed as j-claimed\n');
    expect(await queue.getJobState('j-claimed')).toBe('waiting');
  });

  it('replays all of a kind, without a deadline that has passed, and says which it cannot', async () => {
    await fail('j-1', 'upstream-unavailable: down', `${good.slice(0, -1)},"deadlineAt":5}`, 2_000);
    await fail('j-2', 'upstream-unavailable: down', 'no json', 3_000);
    await fail('j-3', 'invalid-job: v: wrong', '{"v":2}', 4_000);
    const { code, out, err } = await jobs('replay', '--kind', 'upstream-unavailable');
    expect(code).toBe(1);
    expect(out).toMatch(/^j-1 is replayed as j\w+, without its deadline, which has passed\n$/);
    expect(err).toMatch(/^j-2: SyntaxError/);
    const [job] = await queue.getWaiting();
    expect(job?.data).toEqual(JSON.parse(good));
  });

  it('discards a failed job, and says of one that is none', async () => {
    await fail('j-1', 'invalid-job: v: wrong', '{"v":2}', 2_000);
    await queue.add('any', {}, { jobId: 'j-waits' });
    expect(await jobs('discard', 'j-1', 'j-waits')).toEqual({
      ...{ code: 1, out: 'j-1 is discarded\n' },
      err: 'j-waits: there is no such failed job\n',
    });
    expect(await redis.exists(queue.toKey('j-1'))).toBe(0);
    expect(await queue.getWaitingCount()).toBe(1);
  });

  it('adds a job as a producer does', async () => {
    expect((await jobs('add', good, '--id', 'j-hand')).out).toBe('j-hand accepted\n');
    expect((await jobs('add', good, '--id', 'j-hand')).out).toBe('j-hand duplicate\n');
    expect((await jobs('add', '{"v":2}')).err).toMatch(/^invalid-job: v: /);
    expect((await jobs('add', '{v')).err).toMatch(/^the job is not JSON: /);
    expect(await queue.getWaitingCount()).toBe(1);
  });
});
