import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Queue, QueueEvents } from 'bullmq';
import { Redis } from 'ioredis';
import { Collector } from './collector.ts';
import { House, type Answer } from './house.ts';
import { root, until } from './processes.ts';

const funding = 'futures/funding-rate/history';
const interest = 'futures/open-interest/history';

interface FetcherMinute {
  readonly operations: Record<string, Record<string, { ok: number; auth: number }>>;
  readonly requests: Record<string, { permits: number; sent: number }>;
}

/** A test of two arms at half and half; the canary looks for funding rates where the vendor has none. */
describe('the arms of a canary', () => {
  const collector = new Collector();
  const folder = mkdtempSync(join(tmpdir(), 'arms-'));
  const flagsFile = join(folder, 'flags.json');
  const canaryFile = join(folder, 'canary.json');
  let house: House;
  let redis: Redis;
  let queue: Queue;
  let events: QueueEvents;

  const writeFlags = (arm: object): void => {
    const document = JSON.parse(readFileSync(join(root, 'config/flags.json'), 'utf8'));
    Object.assign(document.flags['coinglass.arm'], arm);
    writeFileSync(flagsFile, JSON.stringify(document));
  };
  const half = {
    targeting: {
      fractional: [
        ['canary', 50],
        ['baseline', 50],
      ],
    },
  };

  beforeAll(async () => {
    writeFlags(half);
    writeFileSync(
      canaryFile,
      JSON.stringify({ catalogue: { [funding]: { path: 'futures/funding-rate/histories' } } }),
    );
    await collector.start();
    house = await House.start({
      env: {
        FLAGS_FILE: flagsFile,
        COINGLASS_CANARY_FILE: canaryFile,
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.port}`,
        OTEL_BSP_SCHEDULE_DELAY: '200',
      },
    });
    redis = new Redis(house.redis.url);
    const connection = { host: '127.0.0.1', port: house.redis.port };
    queue = new Queue('coinglass-fetch', { connection, prefix: '{coinglass}' });
    events = new QueueEvents('coinglass-fetch', { connection, prefix: '{coinglass}' });
    await events.waitUntilReady();
    await house.get('/advanced/pairs/futures');
  });
  afterAll(async () => {
    redis.disconnect();
    await queue.close();
    await events.close();
    await house.stop();
    await collector.stop();
    rmSync(folder, { recursive: true });
  });

  const limits = (from: number, many: number): number[] =>
    Array.from({ length: many }, (_, index) => from + index);
  /** The fetchers' figures of all minutes so far, by arm. */
  const ledger = async () => {
    const keys = await redis.keys('{coinglass}:canary:minute:*');
    const told = (await Promise.all(keys.map((key) => redis.hvals(key)))).flat();
    const minutes = told.map((text) => JSON.parse(text) as FetcherMinute);
    return (arm: string) => {
      const sum = (of: (minute: FetcherMinute) => number | undefined): number =>
        minutes.reduce((before, minute) => before + (of(minute) ?? 0), 0);
      return {
        permits: sum(({ requests }) => requests[arm]?.permits),
        sent: sum(({ requests }) => requests[arm]?.sent),
        ok: (id: string) => sum(({ operations }) => operations[id]?.[arm]?.ok),
        auth: (id: string) => sum(({ operations }) => operations[id]?.[arm]?.auth),
      };
    };
  };

  /** Of the fetcher's log. */
  const linesWith = (text: string): string[] =>
    (house.fetchers[0]?.output().split('\n') ?? []).filter((line) => line.includes(text));

  it('says at its start in what the canary differs', () => {
    expect(house.fetchers[0]?.output()).toContain(
      `the canary differs from the baseline in catalogue.${funding}.path`,
    );
  });

  it('has a broken canary fail for its own readers, and poison nothing for the others', async () => {
    const ask = (limit: number): Promise<Answer> =>
      house.get(`/advanced/funding/rate/SOL?interval=4h&limit=${limit}`);
    const first = await Promise.all(
      limits(1, 24).map(async (limit) => ({ limit, answer: await ask(limit) })),
    );
    const failed = first.filter(({ answer }) => answer.status !== 200);
    expect(failed.length).toBeGreaterThan(2);
    expect(failed.length).toBeLessThan(22);
    for (const { answer } of failed) expect(answer.json.kind).toBe('upstream-rejected');
    for (const { answer } of first) expect(answer.json.meta?.arm).toBeUndefined();
    // Each ask is drawn anew, and once a baseline call has answered, the answer is there for all.
    for (const { limit } of failed) {
      await until('a baseline call has answered', async () => (await ask(limit)).status === 200);
      const { headers } = await ask(limit);
      expect(headers['x-cache']).toBe('hit');
    }
  });

  it('marks the answer of a canary, on both faces, and keeps it from everybody else', async () => {
    const ask = (limit: number): Promise<Answer> =>
      house.get(`/api/${interest}?exchange=OKX&symbol=SOL-USDT-SWAP&interval=4h&limit=${limit}`);
    const asked = await Promise.all(limits(1, 24).map(ask));
    expect(asked.map(({ status }) => status)).toEqual(asked.map(() => 200));
    const arms = asked.map(({ headers }) => headers['x-glasshouse-arm']);
    expect(new Set(arms)).toEqual(new Set(['canary', undefined]));
    expect(asked.map(({ json }) => json.meta.arm)).toEqual(arms);
    const ofCanary = limits(1, 24).filter((_, index) => arms[index] === 'canary');
    for (const limit of ofCanary) {
      await until('a baseline call has answered', async () => {
        const { headers } = await ask(limit);
        return headers['x-glasshouse-arm'] === undefined;
      });
      expect((await ask(limit)).headers).toMatchObject({ 'x-cache': 'hit' });
    }
  });

  it('draws jobs from the shared queue by their id, whatever they say, and tells where the answer lies', async () => {
    const results = await Promise.all(
      limits(30, 16).map(async (limit) => {
        const params = { exchange: 'OKX', symbol: 'SOL-USDT-SWAP', interval: '4h', limit };
        const data = { v: 1, endpoint: interest, params, arm: 'canary' };
        const job = await queue.add('anything', data);
        return (await job.waitUntilFinished(events, 20_000)) as { readonly url: string };
      }),
    );
    const answers = await Promise.all(results.map(({ url }) => house.get(url)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(new Set(answers.map(({ json }) => json.meta.arm))).toEqual(
      new Set(['canary', undefined]),
    );
  });

  it('is in spans and logs, with the id of the call', async () => {
    const { headers } = await house.get('/advanced/oi/history/BTC?interval=4h&limit=7');
    const traceId = String(headers['x-trace-id']);
    const spansOf = () => collector.spans.filter((span) => span.traceId === traceId);
    await until('all spans have been exported', () => collector.tree(traceId).length >= 4);
    const called = spansOf().filter(({ attributes }) => attributes['coinglass.call.id']);
    expect(called.map(({ name }) => name.split(' ')[0])).toEqual(
      expect.arrayContaining(['GET', 'process', 'GET']),
    );
    const ids = new Set(called.map(({ attributes }) => attributes['coinglass.call.id']));
    expect(ids.size).toBe(1);
    expect(new Set(called.map(({ attributes }) => attributes['coinglass.arm'])).size).toBe(1);
    const [callId] = ids;
    const told = () => linesWith(`"callId":"${callId}"`);
    await until('the log tells of it', () => told().length >= 2);
    expect(
      told()
        .map((line) => JSON.parse(line).event)
        .sort(),
    ).toEqual(['coinglass.attempt', 'job.end']);
  });

  it('is in the ledger: calls and requests of both arms, and no request without a permit', async () => {
    const attempts = () => linesWith('"event":"coinglass.attempt"');
    const attemptsOf = (arm: string) =>
      attempts().filter((line) => line.includes(`"arm":"${arm}"`)).length;
    await until('all of it is in Redis', async () => {
      const now = await ledger();
      return now('baseline').sent + now('canary').sent === attempts().length;
    });
    const of = await ledger();
    for (const arm of ['baseline', 'canary']) {
      expect(of(arm).sent).toBe(attemptsOf(arm));
      expect(of(arm).permits).toBe(of(arm).sent);
      expect(of(arm).ok(interest)).toBeGreaterThan(5);
    }
    expect(of('canary').auth(funding)).toBeGreaterThan(2);
    expect(of('canary').ok(funding)).toBe(0);
    expect(of('baseline').auth(funding)).toBe(0);
    expect(await redis.zcard('{coinglass}:canary:fetchers')).toBe(1);
  });

  it('ends with a rollback: the next call of whoever had bad luck is the baseline’s', async () => {
    writeFlags({});
    await until('everybody has read the flags', () =>
      [house.gateway, ...house.fetchers].every((each) => each.output().includes('flags.changed')),
    );
    const answers = await Promise.all(
      limits(50, 12).map((limit) =>
        house.get(`/advanced/funding/rate/SOL?interval=4h&limit=${limit}`),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  });
});
