import { describe, expect, it } from '@jest/globals';
import { catalogue, Failure, type Endpoint } from '@glasshouse/coinglass-client';
import type {
  AskResult,
  DrawnCall,
  FoundAnswer,
  InteractiveJobInput,
  Outcome,
  StoredAnswer,
} from '@glasshouse/fetch-queue';
import type { Ask } from '../asks/ask.ts';
import { Memory } from '../representations/memory.ts';
import { Desk, type Reply } from './desk.ts';
import { Refresher } from './refresher.ts';

const endpoint: Endpoint = catalogue['etf/bitcoin/flow-history'];
const ask: Ask = {
  endpoint,
  face: 'house',
  params: {},
  askedKey: 'v1.asked',
  asked: {},
  strict: false,
};

const stored = (over: Partial<StoredAnswer['facts']> = {}, data = '[1]'): StoredAnswer => ({
  facts: {
    key: 'v1.asked',
    endpoint: endpoint.id,
    params: {},
    source: 'sandbox',
    fetchedAt: 1_000,
    freshUntil: 2_000,
    staleUntil: 10_000,
    permits: 1,
    ...over,
  },
  data: Buffer.from(data),
});

const away = new Error('Connection is closed.');

/** A desk whose store, fetcher and clock are in the test's hands. */
class World {
  now = 1_500;
  found: FoundAnswer | Error = {};
  /** A look whose reply comes when the test says so. */
  slow: Promise<FoundAnswer> | undefined;
  asks = 0;
  /** What was asked of the fetcher last. */
  asked: { readonly job: InteractiveJobInput; readonly askId: string } | undefined;
  call: DrawnCall = { id: 'c1', arm: 'baseline', settled: true };
  canarySettled = false;
  /** By key; `found` is what lies under any other. */
  readonly foundAt = new Map<string, FoundAnswer>();
  refreshes: { onEnd: (outcome: Outcome) => void }[] = [];
  off: Failure | undefined;
  onAsk: () => Promise<AskResult> = () => Promise.reject(new Error('not expected'));
  readonly memory: Memory;
  readonly desk: Desk;

  constructor() {
    const now = () => this.now;
    const traceparent = () => undefined;
    const serves = ({ arm }: { readonly arm?: 'canary' }) =>
      arm === undefined || this.canarySettled;
    this.memory = new Memory({ bytesMax: 1e6, now, serves });
    const requests = {
      ask: (job: InteractiveJobInput, { askId }: { readonly askId: string }) => {
        this.asks += 1;
        this.asked = { job, askId };
        return this.onAsk();
      },
      refresh: (_job: unknown, refresh: { onEnd: (outcome: Outcome) => void }) => {
        this.refreshes.push(refresh);
        return Promise.resolve();
      },
    };
    this.desk = new Desk({
      memory: this.memory,
      store: {
        find: (key, _face, served = () => true) => {
          const { slow, foundAt } = this;
          const found = foundAt.get(key) ?? this.found;
          this.slow = undefined;
          if (slow) return slow;
          if (found instanceof Error) return Promise.reject(found);
          return Promise.resolve(found.answer && served(found.answer.facts) ? found : {});
        },
      },
      arms: { draw: () => Promise.resolve(this.call), serves },
      requests,
      refresher: new Refresher({ requests, traceparent, now }),
      forbidden: () => Promise.resolve(this.off),
      traceparent,
      now,
    });
  }

  answer(over: Partial<Ask> = {}): Promise<Reply> {
    return this.desk.answer({ ...ask, ...over }, { deadlineAt: this.now + 15_000, team: 'team-a' });
  }
}

const answered = (coalesced: boolean): AskResult => ({
  jobId: 'j1',
  state: 'answered',
  result: { permits: 1 },
  coalesced,
});

const bodyOf = (reply: Reply | undefined): string =>
  reply?.representation.ready('identity')?.body.toString() ?? '';

describe('the desk', () => {
  it('serves what is fresh in the store without asking anybody', async () => {
    const world = new World();
    world.found = { answer: stored() };
    expect((await world.answer()).cache).toBe('hit');
    expect(world.asks).toBe(0);
  });

  it('serves what is fresh in memory without looking in the store', async () => {
    const world = new World();
    world.found = { answer: stored() };
    await world.answer();
    world.found = away;
    expect((await world.answer()).cache).toBe('hit');
  });

  it.each([
    [false, 'miss'],
    [true, 'coalesced'],
  ])('asks the fetcher for what is not there (coalesced: %s)', async (coalesced, cache) => {
    const world = new World();
    world.onAsk = () => {
      world.found = { answer: stored() };
      return Promise.resolve(answered(coalesced));
    };
    expect((await world.answer()).cache).toBe(cache);
    expect(world.asks).toBe(1);
  });

  it('serves what it is handed, once for all who ask alike, without a look in the store', async () => {
    const world = new World();
    const { facts } = stored();
    const answer = { facts, vendor: '["1"]', house: '[1]' };
    world.onAsk = () => {
      world.found = away;
      return Promise.resolve({ ...answered(false), askedKey: 'v1.asked', answer });
    };
    const replies = await Promise.all([world.answer(), world.answer()]);
    expect(replies.map(({ cache }) => cache)).toEqual(['miss', 'miss']);
    expect(new Set(replies.map(({ representation }) => representation)).size).toBe(1);
    expect(bodyOf(replies[0])).toContain('[1]');
    expect((await world.answer()).cache).toBe('hit');
  });

  it.each([
    ['another key', { key: 'v1.another' }],
    ['a canary that is not settled', { arm: 'canary' as const }],
    ['a while ago, fresh no more', { freshUntil: 1_499 }],
  ])('looks in the store when it is handed an answer of %s', async (_, over) => {
    const world = new World();
    const { facts } = stored(over);
    world.onAsk = () => {
      world.found = { answer: stored({}, '[2]') };
      const answer = { facts, vendor: '[666]', house: '[666]' };
      return Promise.resolve({ ...answered(false), askedKey: 'v1.asked', answer });
    };
    expect(bodyOf(await world.answer())).toContain('[2]');
  });

  it('says so when the fetcher answers for another upstream or plan', async () => {
    const world = new World();
    world.onAsk = () => Promise.resolve({ ...answered(false), askedKey: 'v1.another' });
    await expect(world.answer()).rejects.toMatchObject({ kind: 'internal' });
  });

  it('serves stale, marked, and has it renewed once', async () => {
    const world = new World();
    world.found = { answer: stored() };
    world.now = 3_000;
    const first = await world.answer();
    const second = await world.answer();
    expect([first.cache, second.cache]).toEqual(['stale', 'stale']);
    expect(first.representation.meta).toMatchObject({ stale: true, staleReason: 'revalidating' });
    expect(second.representation).toBe(first.representation);
    expect(world.refreshes).toHaveLength(1);
    expect(world.asks).toBe(0);
  });

  it('says why a renewal failed, and leaves the vendor in peace for a while', async () => {
    const world = new World();
    world.found = { answer: stored() };
    world.now = 3_000;
    await world.answer();
    world.refreshes[0]?.onEnd({
      jobId: 'j1',
      state: 'failed',
      failure: { kind: 'upstream-unavailable', detail: 'down' },
    });
    expect((await world.answer()).representation.meta.staleReason).toBe('upstream-unavailable');
    expect(world.refreshes).toHaveLength(1);
    world.now = 13_500;
    world.found = { answer: stored({ staleUntil: 99_000 }) };
    await world.answer();
    expect(world.refreshes).toHaveLength(2);
  });

  it('takes the renewed answer when it is there', async () => {
    const world = new World();
    world.found = { answer: stored() };
    world.now = 3_000;
    await world.answer();
    world.found = { answer: stored({ fetchedAt: 3_000, freshUntil: 4_000 }, '[2]') };
    const { cache, representation } = await world.answer();
    expect(cache).toBe('hit');
    expect(representation.meta.stale).toBe(false);
  });

  it('does not serve beyond the stale cap', async () => {
    const world = new World();
    world.found = { answer: stored() };
    world.now = 10_000;
    world.onAsk = () => Promise.reject(new Failure('upstream-unavailable', 'down'));
    await expect(world.answer()).rejects.toMatchObject({ kind: 'upstream-unavailable' });
  });

  it('serves memory past its freshness when the store is away, and refuses what it does not have', async () => {
    const world = new World();
    world.found = { answer: stored() };
    await world.answer();
    world.now = 3_000;
    world.found = away;
    const { representation } = await world.answer();
    expect(representation.meta).toMatchObject({ stale: true, staleReason: 'store-unavailable' });
    await expect(world.answer({ askedKey: 'v1.other' })).rejects.toMatchObject({
      kind: 'store-unavailable',
    });
    expect(world.asks).toBe(0);
  });

  it('serves memory within its cap when the store has lost the answer and the vendor is down', async () => {
    const world = new World();
    world.found = { answer: stored() };
    await world.answer();
    world.now = 3_000;
    world.found = {};
    const { cache, representation } = await world.answer();
    expect(cache).toBe('stale');
    expect(representation.meta.staleReason).toBe('revalidating');
    expect(world.asks).toBe(0);
  });

  it('does not take a look that began before the fetch for its answer', async () => {
    const world = new World();
    let release: (found: FoundAnswer) => void = () => undefined;
    world.onAsk = () => {
      world.found = { answer: stored() };
      return Promise.resolve(answered(false));
    };
    const first = world.answer();
    await Promise.resolve();
    world.slow = new Promise((resolve) => (release = resolve));
    const second = world.answer();
    release({});
    for (const { representation } of await Promise.all([first, second])) {
      expect(representation.meta.stale).toBe(false);
    }
  });

  it('asks for nothing while the endpoint is switched off, and serves what it has', async () => {
    const world = new World();
    world.off = new Failure('endpoint-disabled', 'off');
    await expect(world.answer()).rejects.toMatchObject({ kind: 'endpoint-disabled' });
    world.found = { answer: stored() };
    world.now = 3_000;
    expect((await world.answer()).representation.meta.staleReason).toBe('endpoint-disabled');
    expect(world.refreshes).toHaveLength(0);
  });

  it('follows the pointer of a refused interval and says so, or refuses a strict caller', async () => {
    const world = new World();
    const fallback = { from: '1h', to: '4h', reason: 'interval-refused' } as const;
    world.found = { answer: stored(), pointer: { servedKey: 'v1.served', fallback, until: 1_800 } };
    expect((await world.answer()).representation.meta.fallback).toEqual(fallback);
    await expect(world.answer({ strict: true })).rejects.toMatchObject({
      kind: 'interval-not-available',
    });
  });

  it('serves a fallback as fresh no longer than the refusal is remembered', async () => {
    const world = new World();
    const fallback = { from: '1h', to: '4h', reason: 'interval-refused' } as const;
    world.found = { answer: stored(), pointer: { servedKey: 'v1.served', fallback, until: 1_800 } };
    expect((await world.answer()).representation.freshUntil).toBe(1_800);
    world.now = 1_800;
    world.found = { answer: stored({ fetchedAt: 1_700 }, '[2]') };
    expect((await world.answer()).representation.meta.fallback).toBeUndefined();
  });

  it('tells a plan floor and a refusal above it as one change', async () => {
    const world = new World();
    const fallback = { from: '30m', to: '1h', reason: 'interval-refused' } as const;
    world.found = { answer: stored(), pointer: { servedKey: 'v1.served', fallback, until: 1_800 } };
    const { representation } = await world.answer({
      planFallback: { from: '1m', to: '30m', reason: 'plan' },
    });
    expect(representation.meta.fallback).toEqual({
      from: '1m',
      to: '1h',
      reason: 'interval-refused',
    });
  });

  it('renders once for readers who come together', async () => {
    const world = new World();
    world.found = { answer: stored() };
    const replies = await Promise.all([world.answer(), world.answer(), world.answer()]);
    expect(new Set(replies.map(({ representation }) => representation)).size).toBe(1);
  });
});

describe('the desk, while a canary is on trial', () => {
  const trialKey = 'v1.trial';
  const ofCanary = stored({ key: trialKey, arm: 'canary' }, '[666]');
  const onTrial = (world: World): void => {
    world.call = { id: 'c7', arm: 'canary', settled: false };
    world.onAsk = () => {
      world.foundAt.set(trialKey, { answer: ofCanary });
      return Promise.resolve({ ...answered(false), askedKey: trialKey });
    };
  };

  it('hands the canary’s answer to the reader whose call drew it, marked, and to nobody else', async () => {
    const world = new World();
    onTrial(world);
    const reply = await world.answer();
    expect(bodyOf(reply)).toContain('[666]');
    expect(reply.representation.meta.arm).toBe('canary');
    expect(reply.representation.ready('identity')?.headers).toContain('x-glasshouse-arm');
    expect(world.memory.get(reply.representationKey)).toBeUndefined();

    world.call = { id: 'c8', arm: 'baseline', settled: false };
    world.onAsk = () => {
      world.found = { answer: stored() };
      return Promise.resolve({ ...answered(false), askedKey: 'v1.asked' });
    };
    const other = await world.answer();
    expect(bodyOf(other)).toContain('[1]');
    expect(other.representation.meta.arm).toBeUndefined();
  });

  it('draws once for readers who wait for the same answer, and anew when it is there', async () => {
    const world = new World();
    onTrial(world);
    const { promise, resolve } = Promise.withResolvers<AskResult>();
    const asked: unknown[] = [];
    world.onAsk = () => {
      asked.push(world.asked?.job);
      world.call = { id: 'c8', arm: 'baseline', settled: false };
      return promise;
    };
    const first = world.answer();
    await new Promise(setImmediate);
    const second = world.answer();
    await new Promise(setImmediate);
    world.foundAt.set(trialKey, { answer: ofCanary });
    resolve({ ...answered(false), askedKey: trialKey });
    for (const reply of await Promise.all([first, second])) {
      expect(reply.representation.meta.arm).toBe('canary');
    }
    world.onAsk = () => {
      asked.push(world.asked?.job);
      return Promise.reject(new Failure('upstream-unavailable', 'down'));
    };
    await expect(world.answer()).rejects.toMatchObject({ kind: 'upstream-unavailable' });
    const ids = ['c7', 'c7', 'c8'];
    expect(asked).toMatchObject(ids.map((id) => ({ call: { id } })));
  });

  it('sends the draw along, and asks for the two arms apart', async () => {
    const world = new World();
    onTrial(world);
    await world.answer();
    expect(world.asked).toMatchObject({ job: { call: world.call }, askId: 'v1.asked.canary' });
    world.call = { id: 'c8', arm: 'baseline', settled: false };
    world.found = { answer: stored() };
    world.now = 20_000;
    world.onAsk = () => Promise.reject(new Failure('upstream-unavailable', 'down'));
    await expect(world.answer()).rejects.toMatchObject({ kind: 'upstream-unavailable' });
    expect(world.asked).toMatchObject({ job: { call: world.call }, askId: 'v1.asked' });
  });

  it('has the canary’s failures reach that reader alone', async () => {
    const world = new World();
    world.call = { id: 'c7', arm: 'canary', settled: false };
    world.onAsk = () => Promise.reject(new Failure('upstream-rejected', '404'));
    await expect(world.answer()).rejects.toMatchObject({ kind: 'upstream-rejected' });
    world.found = { answer: stored() };
    expect((await world.answer()).cache).toBe('hit');
  });

  it('refuses a strict reader whom the canary could only serve at another interval', async () => {
    const world = new World();
    onTrial(world);
    const { onAsk } = world;
    world.onAsk = async () => {
      const result = await onAsk();
      const fallback = { from: '1h', to: '4h', reason: 'interval-refused' } as const;
      const pointer = { servedKey: 'v1.4h', fallback, until: 9_999, arm: 'canary' } as const;
      world.foundAt.set(trialKey, { answer: ofCanary, pointer });
      return result;
    };
    await expect(world.answer({ strict: true })).rejects.toMatchObject({
      kind: 'interval-not-available',
    });
  });

  it.each([
    ['whose call the settled canary ran', 'canary', false],
    ['who joined such a call', 'baseline', true],
  ] as const)(
    'asks once more for the reader %s, when a rollback comes meanwhile',
    async (_who, arm, coalesced) => {
      const world = new World();
      world.canarySettled = arm === 'canary';
      world.call = { id: 'c7', arm, settled: true };
      world.onAsk = () => {
        world.canarySettled = false;
        world.found = { answer: stored({ arm: 'canary' }, '[666]') };
        if (world.asks === 2) world.found = { answer: stored({ fetchedAt: 1_200 }) };
        return Promise.resolve({ ...answered(coalesced), askedKey: 'v1.asked' });
      };
      expect(bodyOf(await world.answer())).toContain('[1]');
      expect(world.asks).toBe(2);
    },
  );

  it('serves a settled canary to everybody, and nothing of it any more after a rollback', async () => {
    const world = new World();
    world.canarySettled = true;
    world.call = { id: 'c7', arm: 'canary', settled: true };
    world.onAsk = () => {
      world.found = { answer: stored({ arm: 'canary' }, '[666]') };
      return Promise.resolve({ ...answered(false), askedKey: 'v1.asked' });
    };
    const { representationKey } = await world.answer();
    expect((await world.answer()).cache).toBe('hit');
    world.memory.link('/a', representationKey);
    expect(world.memory.hit('/a')).toBeDefined();

    world.canarySettled = false;
    world.call = { id: 'c8', arm: 'baseline', settled: true };
    expect(world.memory.hit('/a')).toBeUndefined();
    world.onAsk = () => {
      world.found = { answer: stored({ fetchedAt: 1_200 }) };
      return Promise.resolve({ ...answered(false), askedKey: 'v1.asked' });
    };
    const after = await world.answer();
    expect([after.cache, bodyOf(after)]).toEqual(['miss', expect.stringContaining('[1]')]);
  });
});
