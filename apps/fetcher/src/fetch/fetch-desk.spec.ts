import { Failure, Postponed, type Call } from '@glasshouse/coinglass-client';
import { AnswerStore, RedisRefusalMemory, answerKeyOf, redisKeys } from '@glasshouse/fetch-queue';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { pageOf, samplePage, ScriptedVendor } from '../testing/scripted-vendor.ts';
import { FetchDesk, type FetchDeskParts } from './fetch-desk.ts';
import type { FetchOrder } from './fetch-order.ts';

const upstream = {
  origin: 'https://vendor.example',
  plan: 'standard',
  source: 'coinglass',
  sandboxAllowed: true,
} as const;

const orderOf = (more: Partial<FetchOrder> = {}): FetchOrder => ({
  endpoint: 'futures/funding-rate/history',
  params: { exchange: 'OKX', symbol: 'SOL-USDT-SWAP', interval: '1h' },
  strict: false,
  lane: 'interactive',
  arm: 'baseline',
  team: { id: 'alpha', weight: 1 },
  deadlineAt: Date.now() + 5_000,
  signal: new AbortController().signal,
  ...more,
});

const intervalRefused = (): Failure =>
  new Failure('interval-not-available', 'not under this plan', {
    upstream: { status: 200, code: '403' },
  });

const refusing =
  (...refused: string[]) =>
  ({ endpoint, params }: Call) =>
    refused.includes(params['interval'] ?? '') ? intervalRefused() : samplePage(endpoint);

(redisIsHere ? describe : describe.skip)('the fetch desk', () => {
  let server: PrivateRedis;
  let redis: ReturnType<PrivateRedis['client']>;
  let vendor: ScriptedVendor;
  let desk: FetchDesk;

  beforeAll(async () => {
    server = await PrivateRedis.started();
    redis = server.client();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    await redis.flushall();
    vendor = new ScriptedVendor();
    desk = newDesk();
  });

  const newDesk = (more: Partial<FetchDeskParts> = {}): FetchDesk =>
    new FetchDesk({
      upstream,
      pipeline: vendor.pipeline,
      store: new AnswerStore({ redis }),
      refusals: new RedisRefusalMemory(redis, 'test'),
      forbidden: () => Promise.resolve(undefined),
      onNotStored: (_facts, why) => {
        throw why;
      },
      lookAgainMs: 5,
      ...more,
    });
  const keyAt = (interval: string): string =>
    answerKeyOf({
      origin: upstream.origin,
      plan: upstream.plan,
      endpoint: 'futures/funding-rate/history',
      params: { exchange: 'OKX', interval, limit: '1000', symbol: 'SOL-USDT-SWAP' },
    });
  const isLocked = async (interval: string): Promise<boolean> =>
    (await redis.exists(redisKeys.lock(keyAt(interval)))) === 1;
  /** Holds all answers back until released, and tells when the first question has come. */
  const held = (answer = vendor.answer) => {
    const released = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    vendor.answer = async (call) => {
      if (call.endpoint.id === 'futures/supported-exchange-pairs') return answer(call);
      asked.resolve();
      await released.promise;
      return answer(call);
    };
    return { asked: asked.promise, release: () => released.resolve() };
  };

  describe('answering', () => {
    it('stores the answer under the key that was asked, both faces, with its facts', async () => {
      const before = Date.now();
      const { askedKey, facts, permits, fallback, signs } = await desk.fetch(orderOf());
      expect({ askedKey, permits, fallback, signs }).toEqual({
        askedKey: keyAt('1h'),
        permits: 1,
        fallback: undefined,
        signs: { quotaUsed: 17, quotaLimit: 300 },
      });
      expect(facts).toMatchObject({ key: askedKey, source: 'coinglass', rows: 1, permits: 1 });
      expect(facts.fetchedAt).toBeGreaterThanOrEqual(before);
      expect(facts.freshUntil).toBeGreaterThan(facts.fetchedAt);
      const store = new AnswerStore({ redis });
      expect((await store.read(askedKey, 'vendor'))?.data.toString()).toContain(
        '"open":"0.004603"',
      );
      expect((await store.read(askedKey, 'house'))?.data.toString()).toContain('"open":0.004603');
      expect(await isLocked('1h')).toBe(false);
    });

    it('pays once for two equal orders at the same moment, in whichever processes they run', async () => {
      await desk.fetch(
        orderOf({ params: { exchange: 'OKX', symbol: 'BTC-USDT-SWAP', interval: '1h' } }),
      );
      const { asked, release } = held();
      const first = desk.fetch(orderOf());
      await asked;
      const others = [desk, newDesk(), newDesk()].map((each) =>
        each.fetch(orderOf({ lane: 'bulk' })),
      );
      release();
      const [{ facts }, ...rest] = await Promise.all([first, ...others]);
      expect(vendor.asked).toEqual(['1h', '1h']);
      for (const other of rest) expect(other).toMatchObject({ facts, permits: 0 });
    });

    it('hands a small answer over to who asked to have it, and to nobody else', async () => {
      const { askedKey, data } = await desk.fetch(orderOf({ handsOver: true }));
      const store = new AnswerStore({ redis });
      for (const face of ['vendor', 'house'] as const)
        expect(data?.[face]).toBe((await store.read(askedKey, face))?.data.toString());
      expect((await desk.fetch(orderOf({ handsOver: true }))).data).toBeUndefined();
      await redis.flushall();
      expect((await desk.fetch(orderOf())).data).toBeUndefined();
    });

    it.each([
      ['a check', { lane: 'probe' }],
      ['a canary on trial', { arm: 'canary', onTrial: true }],
    ] as const)(
      'hands nothing over to %s, whose answer is looked for in the store',
      async (_, more) => {
        const order = orderOf({ ...more, handsOver: true });
        expect(await desk.fetch(order)).not.toHaveProperty('data');
        const full = newDesk({ store: new AnswerStore({ redis, bytesMax: 100 }) });
        const again = { ...order, endpoint: 'etf/bitcoin/list', params: {} };
        await expect(full.fetch(again)).rejects.toMatchObject({ kind: 'upstream-malformed' });
      },
    );

    it('hands over what cannot be stored, says so, and leaves the question to the next', async () => {
      const notStored: unknown[] = [];
      const told = Promise.withResolvers<void>();
      const store = new AnswerStore({ redis, bytesMax: 100 });
      const full = newDesk({
        store,
        onNotStored: ({ key }, why) => {
          notStored.push(key, why);
          told.resolve();
        },
      });
      const order = orderOf({ endpoint: 'etf/bitcoin/list', params: {} });
      const { askedKey, data } = await full.fetch({ ...order, handsOver: true });
      expect(data?.house).toContain('"ticker":');
      await told.promise;
      expect(notStored).toMatchObject([askedKey, { kind: 'upstream-malformed' }]);
      expect(await redis.exists(redisKeys.lock(askedKey))).toBe(0);
      await expect(full.fetch(order)).rejects.toMatchObject({ kind: 'upstream-malformed' });
    });

    it('asks nothing for what is stored and fresh', async () => {
      await desk.fetch(orderOf());
      expect(await newDesk().fetch(orderOf())).toMatchObject({ permits: 0 });
      expect(vendor.asked).toEqual(['1h']);
    });

    it('asks again for who wants a newer answer, but not if one came since', async () => {
      await desk.fetch(orderOf());
      const notBefore = Date.now() + 1;
      while (Date.now() < notBefore) await new Promise(setImmediate);
      expect(await desk.fetch(orderOf({ notBefore }))).toMatchObject({ permits: 1 });
      expect(await desk.fetch(orderOf({ notBefore }))).toMatchObject({ permits: 0 });
      expect(vendor.asked).toEqual(['1h', '1h']);
    });

    it('keeps its lock for as long as the vendor takes', async () => {
      desk = newDesk({ lockMs: 60 });
      const { asked, release } = held();
      const orders = [desk.fetch(orderOf()), desk.fetch(orderOf())];
      await asked;
      await new Promise((on) => setTimeout(on, 200));
      release();
      await Promise.all(orders);
      expect(vendor.asked).toEqual(['1h']);
    });

    it('gives the lock back when the vendor fails, so that the next order may try at once', async () => {
      vendor.answer = ({ endpoint }) =>
        endpoint.symbol === 'none'
          ? samplePage(endpoint)
          : new Failure('upstream-unavailable', 'down');
      await expect(desk.fetch(orderOf())).rejects.toMatchObject({ kind: 'upstream-unavailable' });
      vendor.answer = ({ endpoint }) => samplePage(endpoint);
      expect(await desk.fetch(orderOf())).toMatchObject({ permits: 1 });
    });

    it('says where the answer is from, and lets no sandbox answer pass in production', async () => {
      vendor.answer = ({ endpoint }) => samplePage(endpoint, true);
      const order = orderOf({ endpoint: 'etf/bitcoin/list', params: {} });
      expect((await desk.fetch(order)).facts.source).toBe('sandbox');
      await redis.flushall();
      const inProduction = newDesk({ upstream: { ...upstream, sandboxAllowed: false } });
      await expect(inProduction.fetch(order)).rejects.toMatchObject({ kind: 'upstream-rejected' });
      expect(await redis.keys(redisKeys.answer('*'))).toEqual([]);
    });

    it('keeps an empty answer only briefly', async () => {
      vendor.answer = ({ endpoint }) =>
        endpoint.symbol === 'none' ? samplePage(endpoint) : pageOf(endpoint, []);
      const { facts } = await desk.fetch(orderOf());
      expect(facts.rows).toBe(0);
      expect(facts.freshUntil - facts.fetchedAt).toBeLessThanOrEqual(15_000);
    });
  });

  describe('deciding before spending', () => {
    it.each([
      ['an unknown endpoint', { endpoint: 'futures/nothing' }, 'unknown-endpoint'],
      [
        'an endpoint the plan has not',
        { endpoint: 'futures/liquidation/heatmap/model1' },
        'plan-not-entitled',
      ],
      ['a deadline that has passed', { deadlineAt: 1 }, 'deadline-passed'],
      [
        'an unknown parameter',
        { params: { exchange: 'OKX', symbol: 'SOL-USDT-SWAP', interval: '1h', x: 1 } },
        'invalid-request',
      ],
      ['two different intervals', { interval: '4h' }, 'invalid-request'],
    ] as const)('costs nothing for %s', async (_name, more, kind) => {
      await expect(desk.fetch(orderOf(more))).rejects.toMatchObject({ kind });
      expect(vendor.calls).toEqual([]);
    });

    it('costs nothing while a kill switch is thrown', async () => {
      const off = new Failure('endpoint-disabled', 'off');
      desk = newDesk({
        forbidden: (id) => Promise.resolve(id.startsWith('futures/') ? off : undefined),
      });
      await expect(desk.fetch(orderOf())).rejects.toBe(off);
      expect(vendor.calls).toEqual([]);
      await desk.fetch(orderOf({ endpoint: 'etf/bitcoin/list', params: {} }));
    });

    it('asks at the finest interval that the plan has, and never below', async () => {
      desk = newDesk({ upstream: { ...upstream, plan: 'hobbyist' } });
      const { facts, fallback } = await desk.fetch(orderOf());
      expect(facts.params['interval']).toBe('4h');
      expect(fallback).toBeUndefined();
      expect(vendor.asked).toEqual(['4h']);
      await expect(desk.fetch(orderOf({ strict: true }))).rejects.toMatchObject({
        kind: 'interval-not-available',
      });
      expect(vendor.asked).toEqual(['4h']);
    });
  });

  describe('instruments', () => {
    const instrument = { exchange: 'okx', coin: 'sol' };

    it('are resolved by the vendor’s table, which is fetched once before anything else', async () => {
      const orders = ['1h', '4h', '1d'] as const;
      await Promise.all(
        orders.map((interval) => desk.fetch(orderOf({ params: {}, instrument, interval }))),
      );
      expect(vendor.tablesAsked).toBe(1);
      expect(vendor.calls[0]?.endpoint.id).toBe('futures/supported-exchange-pairs');
      expect(vendor.calls[1]?.params).toMatchObject({ exchange: 'OKX', symbol: 'SOL-USDT-SWAP' });
    });

    it('are missed once for all who wait, when there is no table to be had', async () => {
      vendor.answer = () => new Failure('upstream-unavailable', 'down');
      const orders = ['1h', '4h', '1d'] as const;
      const ended = await Promise.allSettled(
        orders.map((interval) => desk.fetch(orderOf({ params: {}, instrument, interval }))),
      );
      expect(ended).toMatchObject(
        orders.map(() => ({ status: 'rejected', reason: { kind: 'upstream-unavailable' } })),
      );
      expect(vendor.tablesAsked).toBe(1);
    });

    it('cost nothing when unknown to a fresh table, named either way', async () => {
      await desk.fetch(orderOf());
      const unknown = [
        { params: {}, instrument: { exchange: 'OKX', coin: 'NOPE' }, interval: '1h' as const },
        { params: { exchange: 'OKX', symbol: 'NOPE', interval: '1h' } },
      ];
      for (const each of unknown) {
        await expect(desk.fetch(orderOf(each))).rejects.toMatchObject({
          kind: 'unknown-instrument',
        });
      }
      expect(vendor.calls.length).toBe(2);
    });

    it('cost one renewal when unknown to a table past its freshness, which serves the others as it is', async () => {
      let now = Date.now();
      desk = newDesk({ now: () => now });
      await desk.fetch(orderOf());
      now += 61_000;
      await redis.hset(redisKeys.answer(tableKey), 'freshUntil', '1');
      const later = { deadlineAt: now + 5_000 };
      await desk.fetch(
        orderOf({ ...later, interval: '4h', params: { ...orderOf().params, interval: '4h' } }),
      );
      expect(vendor.tablesAsked).toBe(1);
      const listed = { NEW: [{ instrument_id: 'NEW-1', base_asset: 'NEW', quote_asset: 'USDT' }] };
      vendor.answer = ({ endpoint }) =>
        endpoint.symbol === 'none' ? pageOf(endpoint, listed) : samplePage(endpoint);
      const unknown = { params: { exchange: 'NEW', symbol: 'NEW-1', interval: '1h' }, ...later };
      const { facts } = await desk.fetch(orderOf(unknown));
      expect(facts.params['symbol']).toBe('NEW-1');
      expect(vendor.tablesAsked).toBe(2);
    });
    const tableKey = answerKeyOf({
      origin: upstream.origin,
      plan: upstream.plan,
      endpoint: 'futures/supported-exchange-pairs',
      params: {},
    });

    it('let an order wait no longer for the table than its own deadline', async () => {
      const end = Promise.withResolvers<Failure>();
      vendor.answer = () => end.promise;
      const order = orderOf({
        params: {},
        instrument,
        interval: '1h',
        deadlineAt: Date.now() + 50,
      });
      await expect(desk.fetch(order)).rejects.toMatchObject({ kind: 'deadline-passed' });
      end.resolve(new Failure('upstream-unavailable', 'down'));
    });
  });

  describe('refusals', () => {
    it('of an interval climb to the next, are paid for once, and leave a pointer where was asked', async () => {
      vendor.answer = refusing('1h');
      const first = await desk.fetch(orderOf());
      expect(first).toMatchObject({
        askedKey: keyAt('1h'),
        facts: { key: keyAt('4h'), permits: 2 },
        fallback: { from: '1h', to: '4h' },
        permits: 2,
      });
      const found = await new AnswerStore({ redis }).find(keyAt('1h'), 'house');
      expect(found.pointer?.fallback).toEqual({ from: '1h', to: '4h', reason: 'interval-refused' });
      expect(found.answer?.facts.key).toBe(keyAt('4h'));
      expect(await redis.pttl(redisKeys.pointer(keyAt('1h')))).toBeGreaterThan(590_000);

      expect(await newDesk().fetch(orderOf())).toMatchObject({
        permits: 0,
        fallback: { to: '4h' },
      });
      await redis.del(redisKeys.answer(keyAt('4h')));
      expect(await desk.fetch(orderOf())).toMatchObject({ permits: 1 });
      expect(vendor.asked).toEqual(['1h', '4h', '4h']);
    });

    it('of an interval keep an answer from being handed over: it is looked for elsewhere, and has to be there', async () => {
      await desk.fetch(orderOf({ strict: true }));
      await redis.del(redisKeys.answer(keyAt('1h')));
      vendor.answer = refusing('1h');
      const full = newDesk({ store: new AnswerStore({ redis, bytesMax: 100 }) });
      await expect(full.fetch(orderOf({ handsOver: true }))).rejects.toMatchObject({
        kind: 'upstream-malformed',
      });
      expect(await redis.exists(redisKeys.pointer(keyAt('1h')))).toBe(0);
      expect(await desk.fetch(orderOf({ handsOver: true }))).not.toHaveProperty('data');
    });

    it('of several intervals end the climb after three steps', async () => {
      vendor.answer = refusing('1h', '4h', '6h', '8h', '12h');
      await expect(desk.fetch(orderOf())).rejects.toMatchObject({ kind: 'interval-not-available' });
      expect(vendor.asked).toEqual(['1h', '4h', '6h', '8h']);
      expect(await isLocked('1h')).toBe(false);
    });

    it('of an interval end the climb of a probe after one step, and what fails is not sent again', async () => {
      vendor.answer = refusing('1h', '4h');
      const probe = orderOf({ lane: 'probe' });
      await expect(desk.fetch(probe)).rejects.toMatchObject({ kind: 'interval-not-available' });
      expect(vendor.asked).toEqual(['1h', '4h']);
      expect(new Set(vendor.calls.map(({ sendsMax }) => sendsMax))).toEqual(new Set([1]));
    });

    it('that are remembered are no answer to a probe, which wants to know whether they still stand', async () => {
      vendor.answer = refusing('1h');
      await desk.fetch(orderOf());
      vendor.answer = ({ endpoint }) => samplePage(endpoint);
      const probe = orderOf({ lane: 'probe', notBefore: Date.now() + 1 });
      const { facts, fallback } = await desk.fetch(probe);
      expect(fallback).toBeUndefined();
      expect(facts.params['interval']).toBe('1h');
    });

    it('of an interval are gone on from where the flag says, and the pointer leads there', async () => {
      vendor.answer = refusing('1h');
      const told = newDesk({ fallbackStart: (at) => Promise.resolve(at === '1h' ? '12h' : '1w') });
      const { fallback } = await told.fetch(orderOf());
      expect(fallback).toEqual({ from: '1h', to: '12h', reason: 'interval-refused' });
      expect(vendor.asked).toEqual(['1h', '12h']);
      const found = await new AnswerStore({ redis }).find(keyAt('1h'), 'house');
      expect(found.pointer?.fallback).toEqual(fallback);
    });

    it('of an interval are the answer to a strict order, which never climbs', async () => {
      vendor.answer = refusing('1h');
      for (let time = 0; time < 2; time += 1) {
        await expect(desk.fetch(orderOf({ strict: true }))).rejects.toMatchObject({
          kind: 'interval-not-available',
        });
      }
      expect(vendor.asked).toEqual(['1h']);
    });

    it.each(['plan-not-entitled', 'upstream-credentials'] as const)(
      'by %s are remembered, and cost nothing the second time',
      async (kind) => {
        const order = orderOf({ endpoint: 'etf/bitcoin/list', params: {} });
        vendor.answer = () => new Failure(kind, 'no');
        for (let time = 0; time < 3; time += 1) {
          await expect(desk.fetch(order)).rejects.toMatchObject({ kind, detail: 'no' });
        }
        expect(vendor.calls.length).toBe(1);
      },
    );

    it('are not made of other failures', async () => {
      const order = orderOf({ endpoint: 'etf/bitcoin/list', params: {} });
      vendor.answer = () => new Failure('upstream-rejected', 'no');
      for (let time = 0; time < 2; time += 1) {
        await expect(desk.fetch(order)).rejects.toMatchObject({ kind: 'upstream-rejected' });
      }
      expect(vendor.calls.length).toBe(2);
    });
  });

  describe('not getting through', () => {
    const order = (more: Partial<FetchOrder> = {}): FetchOrder =>
      orderOf({ endpoint: 'etf/bitcoin/list', params: {}, ...more });

    it('passes a postponement on and holds no lock meanwhile', async () => {
      vendor.answer = () => new Postponed(3_000, 'pause');
      await expect(desk.fetch(order())).rejects.toMatchObject({ waitMs: 3_000, because: 'pause' });
      expect(await redis.keys(redisKeys.lock('*'))).toEqual([]);
    });

    it('waits for somebody else’s fetch no longer than its deadline', async () => {
      const { asked, release } = held();
      const first = desk.fetch(order());
      await asked;
      const late = desk.fetch(order({ deadlineAt: Date.now() + 50 }));
      await expect(late).rejects.toMatchObject({ kind: 'deadline-passed' });
      release();
      await first;
    });

    it('stops at once when its signal says so, with the reason, and leaves the key to others', async () => {
      const { asked, release } = held();
      const stop = new AbortController();
      const reason = new Error('stopping');
      vendor.answer = (
        ({ answer }) =>
        (call: Call) => {
          call.signal.throwIfAborted();
          return Promise.race([
            answer(call),
            new Promise<Error>((gone) =>
              call.signal.addEventListener('abort', () => gone(call.signal.reason as Error)),
            ),
          ]);
        }
      )(vendor);
      const stopped = [
        desk.fetch(order({ signal: stop.signal })),
        desk.fetch(order({ signal: stop.signal })),
      ];
      for (const each of stopped) each.catch(() => undefined);
      await asked;
      stop.abort(reason);
      for (const each of stopped) await expect(each).rejects.toBe(reason);
      release();
      vendor.answer = ({ endpoint }) => samplePage(endpoint);
      await desk.fetch(order());
    });

    it('calls the store unavailable when Redis refuses, and has asked for nothing', async () => {
      await redis.config('SET', 'maxmemory', '1');
      await expect(desk.fetch(order())).rejects.toMatchObject({ kind: 'store-unavailable' });
      await redis.config('SET', 'maxmemory', '0');
      expect(vendor.calls).toEqual([]);
    });

    it('ends at its deadline when Redis is away, and has asked for nothing', async () => {
      // As the connection behaves: commands wait for Redis to come back.
      const store = Object.assign(new AnswerStore({ redis }), {
        begin: () => new Promise<never>(() => undefined),
      });
      const late = newDesk({ store }).fetch(order({ deadlineAt: Date.now() + 100 }));
      await expect(late).rejects.toMatchObject({ kind: 'deadline-passed' });
      expect(vendor.calls).toEqual([]);
    });
  });
});
