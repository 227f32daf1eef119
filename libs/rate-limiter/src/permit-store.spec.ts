import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import fc from 'fast-check';
import type { Redis } from 'ioredis';
import { lanes, type Lane } from './lanes.ts';
import { createMemoryPermitStore } from './memory/permit-store.ts';
import { permitKeys } from './redis/keys.ts';
import { createRedisPermitStore } from './redis/permit-store.ts';
import {
  accountOf,
  noSettlements,
  slotIdOf,
  type PermitStore,
  type Seen,
  type Terms,
  type Witness,
} from './store.ts';
import { simulatedRedisClock } from './testing/redis-world.ts';

const process = fc.nat({ max: 2 });
const number = fc.nat({ max: 20 });
const pick = fc.nat({ max: 1_000 });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const demand = fc.record({
  team: fc.constantFrom('alpha', 'beta', 'gamma'),
  weight: fc.integer({ min: 1, max: 4 }),
  permitsMax: fc.option(fc.integer({ min: 0, max: 12 }), { nil: undefined, freq: 4 }),
  wanted: fc.oneof({ weight: 2, arbitrary: fc.nat({ max: 9 }) }, fc.nat({ max: 90 })),
  later: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat({ max: 20 })),
});

/** Too small for a reserve, large enough for one, and for one that is partly never lent. */
const limit = fc.constantFrom(8, 8, 44, 220);

const told = fc.record({
  answered: fc.array(pick, { maxLength: 4 }),
  neverSent: fc.array(pick, { maxLength: 2 }),
  proven: maybe(pick),
  vendorLimit: maybe(fc.oneof(fc.integer({ min: 1, max: 14 }), fc.integer({ min: 20, max: 300 }))),
  used: maybe(number),
});

type Told = typeof told extends fc.Arbitrary<infer T> ? T : never;

const command = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('grant'),
      process,
      demands: fc.uniqueArray(demand, { maxLength: 3, selector: ({ team }) => team }),
      lane: fc.constantFrom(...(Object.keys(lanes) as Lane[])),
      carried: fc.option(told, { nil: undefined, freq: 2 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('settle'), process, told }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('advance'), ms: fc.nat({ max: 900 }) }) },
  // Over the longest that a slot can be held.
  { weight: 1, arbitrary: fc.record({ do: fc.constant('advance'), ms: fc.nat({ max: 2_500 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('pause'),
      process,
      granted: maybe(pick),
      retryAfterMs: maybe(fc.integer({ min: -5, max: 200_000 })),
      random: fc.double({ min: 0, max: 0.999, noNaN: true }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('announce'),
      process,
      configured: maybe(fc.integer({ min: 1, max: 250 })),
      flag: fc.option(fc.integer({ min: 1, max: 12 })),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('declareEpoch'), process }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lose') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('setBack'), ms: fc.nat({ max: 5_000 }) }) },
);

type Command = typeof command extends fc.Arbitrary<infer T> ? T : never;

interface Played {
  readonly store: PermitStore;
  readonly setClock: (now: number) => Promise<unknown>;
  readonly lose: () => Promise<unknown>;
}

/** Plays the commands on one store and tells every answer; what a command refers to is taken from the answers. */
const play = async (
  commands: readonly Command[],
  configuredLimit: number,
  { store, setClock, lose }: Played,
) => {
  const log: unknown[] = [];
  const witnesses: Witness[] = [0, 1, 2].map(() => ({ epoch: 0, seq: 0 }));
  const held: { id: string; grantedAt: number }[] = [];
  let now = 1_750_000_000_000;
  let firstId = 1;

  const termsOf = (n: number): Terms => ({
    windowMs: 1_000,
    leaseMs: 500,
    configuredLimit,
    flagLimit: undefined,
    witness: witnesses[n]!,
  });
  const seenBy = (n: number, seen: Seen): void => {
    witnesses[n] = { epoch: seen.epoch, seq: seen.seq };
    log.push(seen);
  };
  const heldAt = (place: number) => held[place % Math.max(1, held.length)];
  const idsAt = (places: readonly number[]) =>
    places.flatMap((place) => heldAt(place)?.id ?? `never-granted:${place}`);

  const batchOf = (n: number, { answered, neverSent, proven, vendorLimit, used }: Told) => {
    const { epoch, seq } = witnesses[n]!;
    return {
      answered: idsAt(answered),
      neverSent: idsAt(neverSent),
      provenAt: proven === undefined ? 0 : (heldAt(proven)?.grantedAt ?? 0),
      vendorLimit,
      vendorCount: used === undefined ? undefined : { epoch, seq: seq + used - 8 },
    };
  };

  await setClock(now);
  for (const each of commands) {
    if (each.do === 'advance') await setClock((now += each.ms));
    else if (each.do === 'setBack') await setClock((now -= each.ms));
    else if (each.do === 'lose') await lose();
    else if (each.do === 'declareEpoch') {
      seenBy(each.process, await store.declareEpoch(termsOf(each.process)));
    } else if (each.do === 'announce') {
      const announcement = {
        ...(each.configured !== undefined && { configured: each.configured }),
        ...(each.flag !== null && { flag: each.flag > 10 ? undefined : each.flag }),
      };
      seenBy(each.process, await store.announce(termsOf(each.process), announcement));
    } else if (each.do === 'pause') {
      const { retryAfterMs, random } = each;
      const grantedAt = each.granted === undefined ? undefined : heldAt(each.granted)?.grantedAt;
      const ask = { grantedAt, retryAfterMs, random };
      seenBy(each.process, await store.pause(termsOf(each.process), ask));
    } else if (each.do === 'settle') {
      const batch = batchOf(each.process, each.told);
      seenBy(each.process, await store.settle(termsOf(each.process), batch));
    } else {
      const ask = {
        prefix: `p${each.process}`,
        firstId,
        lane: each.lane,
        demands: each.demands,
      };
      const carried = each.carried ? batchOf(each.process, each.carried) : noSettlements;
      const granted = await store.grant(termsOf(each.process), ask, carried);
      seenBy(each.process, granted);
      for (const [index, { team, wanted }] of each.demands.entries()) {
        for (let n = 0; n < granted.teams[index]!.granted; n += 1) {
          held.push({
            id: slotIdOf(accountOf(team, each.lane), ask.prefix, firstId + n),
            grantedAt: granted.storeNow,
          });
        }
        firstId += wanted;
      }
    }
    log.push(await store.status(termsOf(0)));
  }
  return log;
};

const describeWithRedis = redisIsHere ? describe : describe.skip;

describeWithRedis('the two permit stores', () => {
  let server: PrivateRedis;
  let redis: Redis;

  beforeAll(async () => {
    server = await PrivateRedis.started();
    redis = server.client();
  });
  afterAll(() => server.stop());

  it('answer alike to whatever is asked of them', async () => {
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(command, { minLength: 10, maxLength: 50 }),
        limit,
        async (commands, limit) => {
          runs += 1;
          const keys = permitKeys('https://vendor.example', `run-${runs}`);
          let now = 0;
          const memory = createMemoryPermitStore(() => now);
          const inMemory = await play(commands, limit, {
            store: memory,
            setClock: async (time) => (now = time),
            lose: async () => memory.forget(),
          });
          const inRedis = await play(commands, limit, {
            store: createRedisPermitStore(redis, keys, simulatedRedisClock),
            setClock: (time) => redis.set(`${keys.state}:clock`, time),
            lose: () => redis.del(keys.slots, keys.state),
          });
          expect(inRedis).toEqual(inMemory);
        },
      ),
      { numRuns: 120, seed: 20_261_123 },
    );
  }, 30_000);
});
