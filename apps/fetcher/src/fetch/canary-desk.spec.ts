import {
  catalogue,
  Failure,
  refusalKeysFor,
  type Call,
  type Endpoint,
} from '@glasshouse/coinglass-client';
import { AnswerStore, RedisRefusalMemory, answerKeyOf } from '@glasshouse/fetch-queue';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createCanaryClient } from '../arms/canary-client.ts';
import type { CanaryOptions } from '../arms/canary-options.ts';
import { pageOf, samplePage, ScriptedVendor } from '../testing/scripted-vendor.ts';
import { FetchDesk } from './fetch-desk.ts';
import type { FetchOrder } from './fetch-order.ts';

const funding: Endpoint = catalogue['futures/funding-rate/history'];
const upstream = {
  origin: 'https://vendor.example',
  plan: 'standard',
  source: 'coinglass',
  sandboxAllowed: true,
} as const;

const orderOf = (more: Partial<FetchOrder> = {}): FetchOrder => ({
  endpoint: funding.id,
  params: { exchange: 'OKX', symbol: 'SOL-USDT-SWAP', interval: '1h' },
  strict: false,
  lane: 'interactive',
  arm: 'baseline',
  team: { id: 'alpha', weight: 1 },
  deadlineAt: Date.now() + 5_000,
  signal: new AbortController().signal,
  ...more,
});
const onTrial = (more: Partial<FetchOrder> = {}): FetchOrder =>
  orderOf({ arm: 'canary', onTrial: true, ...more });
const promoted = (): FetchOrder => orderOf({ arm: 'canary', onTrial: false });

(redisIsHere ? describe : describe.skip)('the fetch desk with a canary', () => {
  let server: PrivateRedis;
  let redis: ReturnType<PrivateRedis['client']>;
  let store: AnswerStore;
  let vendor: ScriptedVendor;
  let standing: 'baseline' | 'canary';

  beforeAll(async () => {
    server = await PrivateRedis.started();
    redis = server.client();
    store = new AnswerStore({ redis });
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    await redis.flushall();
    vendor = new ScriptedVendor();
    standing = 'baseline';
  });

  const deskWith = (options: CanaryOptions = {}): FetchDesk =>
    new FetchDesk({
      upstream: { ...upstream, canary: { ...createCanaryClient(options), source: 'custom' } },
      pipeline: vendor.pipeline,
      store,
      refusals: new RedisRefusalMemory(redis, 'test'),
      canaryRefusals: new RedisRefusalMemory(redis, 'test|canary'),
      forbidden: () => Promise.resolve(undefined),
      standing: () => Promise.resolve(standing),
      onNotStored: (_facts, why) => {
        throw why;
      },
      lookAgainMs: 5,
    });
  const commonKey = (interval: string): string =>
    answerKeyOf({
      origin: upstream.origin,
      plan: upstream.plan,
      endpoint: funding.id,
      params: { exchange: 'OKX', interval, limit: '1000', symbol: 'SOL-USDT-SWAP' },
    });
  const refusing = (kind: Failure['kind'], of: 'baseline' | 'canary', interval?: string) => {
    vendor.answer = ({ endpoint, params, arm }: Call) =>
      arm === of &&
      endpoint.id === funding.id &&
      (interval === undefined || params['interval'] === interval)
        ? new Failure(kind, 'no', { upstream: { status: 200, code: '403' } })
        : samplePage(endpoint);
  };

  describe('on trial', () => {
    it('has its answers in a place of their own, marked, and finds them there again', async () => {
      const desk = deskWith();
      const { askedKey, facts } = await desk.fetch(onTrial());
      expect(askedKey).not.toBe(commonKey('1h'));
      expect(facts).toMatchObject({ key: askedKey, arm: 'canary', source: 'custom' });
      expect((await store.read(askedKey, 'house'))?.facts).toEqual(facts);
      expect(await store.find(commonKey('1h'), 'house')).toEqual({});
      expect(await desk.fetch(onTrial())).toMatchObject({ askedKey, permits: 0 });

      const baseline = await desk.fetch(orderOf());
      expect(baseline).toMatchObject({ askedKey: commonKey('1h'), permits: 1 });
      expect(baseline.facts.arm).toBeUndefined();
      expect(baseline.facts.source).toBe('coinglass');
    });

    it('has another place with other options', async () => {
      const one = await deskWith().fetch(onTrial());
      const other = await deskWith({ fallback: { steps: 1 } }).fetch(onTrial());
      expect(other.askedKey).not.toBe(one.askedKey);
      expect(other.permits).toBe(1);
    });

    it('is not answered from what the baseline has stored', async () => {
      const desk = deskWith();
      await desk.fetch(orderOf());
      expect((await desk.fetch(onTrial())).permits).toBe(1);
    });

    it('leaves no pointer in the common place, and its refusals hold for itself alone', async () => {
      const desk = deskWith();
      refusing('interval-not-available', 'canary', '1h');
      const climbed = await desk.fetch(onTrial());
      expect(climbed).toMatchObject({ fallback: { from: '1h', to: '4h' }, permits: 2 });
      expect((await store.find(climbed.askedKey, 'house')).pointer?.arm).toBe('canary');
      expect(await store.find(commonKey('1h'), 'house')).toEqual({});
      expect((await desk.fetch(orderOf())).facts.params['interval']).toBe('1h');
      const again = { params: { ...orderOf().params, limit: '5' } };
      expect((await desk.fetch(onTrial(again))).permits).toBe(1);
    });

    it('says each time that its key is refused, which is what it is judged by', async () => {
      const desk = deskWith();
      refusing('upstream-credentials', 'canary');
      for (const limit of ['1', '2', '3']) {
        const spent: number[] = [];
        const asked = onTrial({
          params: { ...orderOf().params, limit },
          onSpent: (permits) => void spent.push(permits),
        });
        await expect(desk.fetch(asked)).rejects.toMatchObject({ kind: 'upstream-credentials' });
        expect(spent).toEqual([1]);
      }
      expect((await desk.fetch(orderOf())).permits).toBe(1);
    });

    it('is spared what the baseline is spared, so that neither is counted: a pair, and an interval for who is strict', async () => {
      const desk = deskWith();
      const withLimit = (limit: string, more: Partial<FetchOrder> = {}) => ({
        params: { ...orderOf().params, limit },
        ...more,
      });
      refusing('unknown-instrument', 'baseline');
      await expect(desk.fetch(orderOf())).rejects.toMatchObject({ kind: 'unknown-instrument' });
      for (const order of [onTrial(), promoted()])
        await expect(desk.fetch(order)).rejects.toMatchObject({ kind: 'unknown-instrument' });
      await redis.flushall();
      refusing('interval-not-available', 'baseline', '1h');
      await desk.fetch(orderOf());
      const strict = onTrial(withLimit('5', { strict: true }));
      await expect(desk.fetch(strict)).rejects.toMatchObject({ kind: 'interval-not-available' });
      expect(vendor.calls.filter(({ arm }) => arm === 'canary')).toEqual([]);
      // Where it may widen, its own client is tried.
      expect((await desk.fetch(onTrial(withLimit('6')))).facts.params['interval']).toBe('1h');
    });

    it('says what a refused call cost, be it remembered; of what the house refuses by itself it says nothing', async () => {
      const desk = deskWith();
      refusing('interval-not-available', 'canary', '1h');
      const spentFor = async (more: Partial<FetchOrder>) => {
        const spent: number[] = [];
        const order = onTrial({ strict: true, ...more, onSpent: (permits) => spent.push(permits) });
        await expect(desk.fetch(order)).rejects.toBeInstanceOf(Failure);
        return spent;
      };
      expect(await spentFor({})).toEqual([1]);
      expect(await spentFor({})).toEqual([0]);
      const nowhere = { params: undefined, interval: '1h' } as const;
      expect(await spentFor({ ...nowhere, instrument: { exchange: 'okx', coin: 'nope' } })).toEqual(
        [],
      );
    });

    it('is not asked to fetch the table of instruments', async () => {
      await deskWith().fetch(
        onTrial({
          params: undefined,
          instrument: { exchange: 'okx', coin: 'sol' },
          interval: '1h',
        }),
      );
      const arms = vendor.calls.map(({ endpoint, arm }) => [endpoint.symbol, arm]);
      expect(arms).toEqual([
        ['none', 'baseline'],
        ['pair', 'canary'],
      ]);
    });
  });

  describe('with options of its own', () => {
    it('climbs by its own rungs, as far as it may', async () => {
      const desk = deskWith({ fallback: { steps: 1, rungs: ['6h', '12h'] } });
      refusing('interval-not-available', 'canary', '1h');
      expect((await desk.fetch(onTrial())).fallback).toMatchObject({ from: '1h', to: '6h' });
      refusing('interval-not-available', 'canary');
      const again = onTrial({ params: { ...orderOf().params, limit: '5' } });
      await expect(desk.fetch(again)).rejects.toMatchObject({ kind: 'interval-not-available' });
      expect(vendor.asked.slice(-1)).toEqual(['6h']);
      expect((await desk.fetch(orderOf())).facts.params['interval']).toBe('1h');
    });

    it('never asks for an interval that it does not know, and serves the next one it does', async () => {
      const catalogueOf = { [funding.id]: { intervals: ['4h', '1d'] as const } };
      const desk = deskWith({ catalogue: catalogueOf });
      expect((await desk.fetch(onTrial())).fallback).toMatchObject({ from: '1h', to: '4h' });
      expect(vendor.asked).toEqual(['4h']);
      await expect(desk.fetch(onTrial({ strict: true }))).rejects.toMatchObject({
        kind: 'interval-not-available',
      });
      expect(vendor.asked).toEqual(['4h']);
    });
  });

  describe('promoted', () => {
    it('stores in the common place, marked, and takes what the baseline has left there', async () => {
      const desk = deskWith();
      await desk.fetch(orderOf());
      expect((await desk.fetch(promoted())).permits).toBe(0);
      await redis.flushall();
      const { askedKey, facts } = await desk.fetch(promoted());
      expect([askedKey, facts.arm]).toEqual([commonKey('1h'), 'canary']);
    });

    it('and rolled back, is served to no baseline call: neither answers, nor pointers, nor refusals', async () => {
      const desk = deskWith();
      refusing('interval-not-available', 'canary', '1h');
      await desk.fetch(promoted());
      vendor.answer = ({ endpoint }) =>
        endpoint.id === funding.id ? pageOf(endpoint, funding.sample.data) : samplePage(endpoint);
      const answered = await desk.fetch(orderOf());
      expect(answered).toMatchObject({ askedKey: commonKey('1h'), permits: 1 });
      expect(answered.facts.arm).toBeUndefined();
      const at4h = orderOf({ params: { ...orderOf().params, interval: '4h' } });
      expect((await desk.fetch(at4h)).permits).toBe(1);
      const found = await store.find(commonKey('1h'), 'house');
      expect(found.pointer).toBeUndefined();
      expect(found.answer?.facts.arm).toBeUndefined();
    });

    it('fetches the table of instruments for everybody, whose word ends with a rollback', async () => {
      standing = 'canary';
      const byName = { params: undefined, instrument: { exchange: 'okx', coin: 'sol' } };
      const desk = deskWith();
      await desk.fetch({ ...promoted(), ...byName, interval: '1h' });
      standing = 'baseline';
      await desk.fetch(orderOf({ ...byName, interval: '1h' }));
      const used = vendor.calls.length;
      await deskWith().fetch(orderOf({ ...byName, interval: '1h' }));
      expect(vendor.calls).toHaveLength(used);
      const tables = vendor.calls.filter(({ endpoint }) => endpoint.symbol === 'none');
      expect(tables.map(({ arm }) => arm)).toEqual(['canary', 'baseline']);
    });
  });

  it('keeps what each client was refused under a name of its own', async () => {
    refusing('plan-not-entitled', 'baseline');
    await expect(deskWith().fetch(orderOf())).rejects.toMatchObject({ kind: 'plan-not-entitled' });
    const keys = refusalKeysFor(funding, orderOf().params as Record<string, string>);
    expect(await new RedisRefusalMemory(redis, 'test').recall(keys)).toBeDefined();
    expect(await new RedisRefusalMemory(redis, 'test|canary').recall(keys)).toBeUndefined();
  });
});
