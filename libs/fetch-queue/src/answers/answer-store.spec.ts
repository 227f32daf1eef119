import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import type { Redis } from 'ioredis';
import { redisKeys } from '../keys.ts';
import type { AnswerFacts } from './answer.ts';
import { AnswerStore } from './answer-store.ts';
import { RedisRefusalMemory } from './refusal-memory.ts';

const factsOf = (key: string, more: Partial<AnswerFacts> = {}): AnswerFacts => ({
  key,
  endpoint: 'etf/bitcoin/list',
  params: {},
  source: 'sandbox',
  fetchedAt: Date.now(),
  freshUntil: Date.now() + 60_000,
  staleUntil: Date.now() + 600_000,
  permits: 1,
  ...more,
});
const data = (text: string) => ({ vendor: text, house: text });
const lock = { token: 't1', lockMs: 5_000 };

(redisIsHere ? describe : describe.skip)('the answer store', () => {
  let server: PrivateRedis;
  let redis: Redis;
  let store: AnswerStore;

  beforeAll(async () => {
    server = await PrivateRedis.started();
    redis = server.client();
    store = new AnswerStore({ redis });
  });
  afterAll(() => server.stop());
  beforeEach(() => redis.flushall());

  const texts = async (...keys: string[]): Promise<(string | undefined)[]> =>
    Promise.all(keys.map(async (key) => (await store.read(key, 'vendor'))?.data.toString()));

  it('gives back the bytes of each face, and one copy where both are the same', async () => {
    await store.put(factsOf('a'), { vendor: '["1.0"]', house: '[1.0]' }, 't');
    await store.put(factsOf('b'), data('[]'), 't');
    expect((await store.read('a', 'vendor'))?.data.toString()).toBe('["1.0"]');
    expect((await store.read('a', 'house'))?.data.toString()).toBe('[1.0]');
    expect((await store.read('b', 'house'))?.data.toString()).toBe('[]');
    expect(await redis.hexists(redisKeys.answer('b'), 'house')).toBe(0);
    expect((await store.read('a', 'house'))?.facts).toMatchObject({ key: 'a', source: 'sandbox' });
    expect(await store.read('c', 'house')).toBeUndefined();
  });

  it('never gives an answer out under a key that it was not made for', async () => {
    await store.put(factsOf('a'), data('[]'), 't');
    await redis.rename(redisKeys.answer('a'), redisKeys.answer('b'));
    expect(await store.read('b', 'vendor')).toBeUndefined();
  });

  it('lets one fetch begin per key, and the others know that it is under way', async () => {
    expect(await store.begin('a', lock)).toEqual({ state: 'begun' });
    expect(await store.begin('a', { ...lock, token: 't2' })).toEqual({ state: 'busy' });
    expect(await store.begin('b', { ...lock, token: 't2' })).toEqual({ state: 'begun' });
  });

  it('gives the lock back with the answer, by release and by time, and only to its holder', async () => {
    await store.begin('a', lock);
    await store.release('a', 'somebody else');
    expect((await store.begin('a', lock)).state).toBe('busy');
    await store.release('a', lock.token);
    expect((await store.begin('a', lock)).state).toBe('begun');
    expect(await store.renew('a', 'somebody else', 1)).toBe(false);
    expect(await store.renew('a', lock.token, 60_000)).toBe(true);
    expect(await redis.pttl(redisKeys.lock('a'))).toBeGreaterThan(50_000);
    await store.put(factsOf('a'), data('[]'), lock.token);
    expect(await redis.exists(redisKeys.lock('a'))).toBe(0);
    expect(await store.renew('a', lock.token, 60_000)).toBe(false);
  });

  it('says that an answer is stored only while it is fresh, and only if it is new enough', async () => {
    const fetchedAt = Date.now() - 1_000;
    await store.put(factsOf('a', { fetchedAt }), data('[]'), 't');
    expect(await store.begin('a', lock)).toMatchObject({
      state: 'stored',
      facts: { key: 'a', fetchedAt },
    });
    expect((await store.begin('a', { ...lock, notBefore: fetchedAt })).state).toBe('stored');
    expect((await store.begin('a', { ...lock, notBefore: fetchedAt + 1 })).state).toBe('begun');
    await store.put(factsOf('b', { freshUntil: Date.now() - 1 }), data('[]'), 't');
    expect((await store.begin('b', lock)).state).toBe('begun');
  });

  it('keeps the newer answer when a process that was frozen writes an old one', async () => {
    await store.put(factsOf('a', { fetchedAt: 2_000 }), data('"new"'), 't');
    expect(await store.put(factsOf('a', { fetchedAt: 1_000 }), data('"old"'), 't')).toBe(
      'outdated',
    );
    expect(await texts('a')).toEqual(['"new"']);
  });

  it('finds an answer with the served interval by the pointer under the asked key', async () => {
    const pointer = {
      servedKey: '4h',
      fallback: { from: '1h', to: '4h', reason: 'interval-refused' },
      until: Date.now() + 60_000,
    } as const;
    await store.point('1h', pointer);
    expect(await store.find('1h', 'house')).toEqual({ pointer });
    await store.put(factsOf('4h'), data('[4]'), 't');
    const found = await store.find('1h', 'house');
    expect(found).toMatchObject({ pointer, answer: { facts: { key: '4h' } } });
    expect(await store.find('2h', 'house')).toEqual({});
  });

  it('does not find what may not be served: an answer, or a pointer, of the canary', async () => {
    const serves = ({ arm }: { readonly arm?: 'canary' }) => arm === undefined;
    const fallback = { from: '1h', to: '4h', reason: 'interval-refused' } as const;
    const until = Date.now() + 60_000;
    await store.put(factsOf('a', { arm: 'canary' }), data('[1]'), 't');
    expect(await store.find('a', 'house', serves)).toEqual({});
    expect((await store.find('a', 'house')).answer?.facts.arm).toBe('canary');

    await store.put(factsOf('1h'), data('[1]'), 't');
    await store.put(factsOf('4h'), data('[4]'), 't');
    await store.point('1h', { servedKey: '4h', fallback, until, arm: 'canary' });
    expect(await store.find('1h', 'house', serves)).toMatchObject({
      answer: { facts: { key: '1h' } },
    });
    expect((await store.find('1h', 'house')).pointer?.servedKey).toBe('4h');
  });

  it('serves an answer from before the refusal rather than none, as no fallback', async () => {
    await store.put(factsOf('1h'), data('[1]'), 't');
    const fallback = { from: '1h', to: '4h', reason: 'interval-refused' } as const;
    await store.point('1h', { servedKey: '4h', fallback, until: Date.now() + 60_000 });
    const found = await store.find('1h', 'house');
    expect(found.answer?.facts.key).toBe('1h');
    expect(found.pointer).toBeUndefined();
  });

  it('forgets a pointer once the vendor has answered with the asked interval after all', async () => {
    const fallback = { from: '1h', to: '4h', reason: 'interval-refused' } as const;
    await store.put(factsOf('4h'), data('[4]'), 't');
    await store.point('1h', { servedKey: '4h', fallback, until: Date.now() + 60_000 });
    await store.put(factsOf('1h'), data('[1]'), 't');
    expect(await store.find('1h', 'house')).toMatchObject({ answer: { facts: { key: '1h' } } });
  });

  describe('within its byte budget', () => {
    const each = 10_000;
    const bytesMax = 100_000;
    const body = JSON.stringify('x'.repeat(each));
    const bytes = async (): Promise<number> => Number(await redis.get(redisKeys.bytes));
    const counted = async (): Promise<number> =>
      (await redis.hvals(redisKeys.sizes)).reduce((sum, size) => sum + Number(size), 0);

    beforeEach(() => {
      store = new AnswerStore({ redis, bytesMax });
    });

    it('is never over it, and counts what is really there', async () => {
      for (let n = 0; n < 40; n += 1) {
        await store.put(factsOf(`k${n % 25}`), data(body.slice(0, -1 - n * 100) + '"'), 't');
        expect(await bytes()).toBeLessThanOrEqual(bytesMax);
        expect(await counted()).toBe(await bytes());
      }
      const keys = await redis.keys(redisKeys.answer('*'));
      expect(keys.length).toBe(await redis.zcard(redisKeys.used));
      expect(keys.length).toBeGreaterThan(7);
    });

    it('drops what was used longest ago', async () => {
      for (const key of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']) {
        await store.put(factsOf(key), data(body), 't');
      }
      await store.find('a', 'vendor');
      await store.put(factsOf('j'), data(body), 't');
      const [a, b, j] = await texts('a', 'b', 'j');
      expect({ a: a?.length, b, j: j?.length }).toEqual({ a: each + 2, b: undefined, j: each + 2 });
    });

    it('never drops the answer it is storing, however far ahead the clocks of readers are', async () => {
      const ahead = new AnswerStore({ redis, bytesMax, now: () => Date.now() + 90_000 });
      const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
      for (const key of keys) {
        await store.put(factsOf(key), data(body), 't');
        await ahead.find(key, 'vendor');
      }
      await store.put(factsOf('j'), data(body), 't');
      expect(await bytes()).toBeLessThanOrEqual(bytesMax);
      expect((await texts('j'))[0]).toBe(body);
    });

    it('refuses an answer that alone is over it, and gives the lock back', async () => {
      await store.put(factsOf('a'), data(body), 't');
      await store.begin('b', lock);
      const huge = data('x'.repeat(bytesMax));
      expect(await store.put(factsOf('b'), huge, lock.token)).toBe('too-large');
      expect(await texts('a', 'b')).toEqual([body, undefined]);
      expect((await store.begin('b', lock)).state).toBe('begun');
    });

    it('counts nothing for answers whose time is over', async () => {
      const staleUntil = Date.now() + 30;
      for (const key of ['a', 'b', 'c'])
        await store.put(factsOf(key, { staleUntil }), data(body), 't');
      while (await redis.exists(redisKeys.answer('c')))
        await new Promise((on) => setTimeout(on, 5));
      await store.put(factsOf('d', { staleUntil: Date.now() }), data('[]'), 't');
      expect(await redis.keys(redisKeys.answer('*'))).toEqual([]);
      // The next one to be stored settles the accounts of those before it; then only its own are left.
      await store.put(factsOf('e'), data('[]'), 't');
      expect(await redis.hkeys(redisKeys.sizes)).toEqual(['e']);
      expect(await bytes()).toBe(await counted());
      expect(await redis.zcard(redisKeys.expiries)).toBe(1);
    });
  });

  it('takes fractional times, which Redis would refuse in the middle of the script', async () => {
    const facts = factsOf('a', {
      staleUntil: Date.now() + 1_000.5,
      freshUntil: Date.now() + 500.25,
    });
    expect(await store.put(facts, data('[]'), 't')).toBe('stored');
    expect(await redis.pttl(redisKeys.answer('a'))).toBeGreaterThan(0);
  });

  it('remembers refusals for their time, the first of the asked keys first, each scope for itself', async () => {
    const memory = new RedisRefusalMemory(redis, 'https://vendor|standard');
    const record = { kind: 'plan-not-entitled', detail: 'Upgrade plan' } as const;
    expect(await memory.recall([])).toBeUndefined();
    expect(await memory.recall(['key', 'plan'])).toBeUndefined();
    await memory.remember('plan', record, 60_000);
    await memory.remember('key', { kind: 'upstream-credentials', detail: 'no' }, 60_000);
    expect(await memory.recall(['key', 'plan'])).toMatchObject({ kind: 'upstream-credentials' });
    expect(await memory.recall(['interval', 'plan'])).toEqual(record);
    expect(
      await new RedisRefusalMemory(redis, 'https://other|standard').recall(['plan']),
    ).toBeUndefined();
    expect(await redis.pttl(redisKeys.refusal('https://vendor|standard', 'plan'))).toBeGreaterThan(
      50_000,
    );
  });
});
