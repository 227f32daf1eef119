import { createRedisPermitStore, permitKeys, type PermitStore } from '@glasshouse/rate-limiter';
import type { Redis } from 'ioredis';
import type { OpenStore } from './store.ts';

/** The scripts' clock, read from a key instead of TIME; all else of them is what production runs. */
const simulatedClock = `local now = tonumber(redis.call('GET', KEYS[2] .. ':clock'))`;

let stores = 0;

/** The real scripts in a real Redis, on simulated time. */
export const openRedisStore =
  (redis: Redis): OpenStore =>
  async (now) => {
    stores += 1;
    const keys = permitKeys('https://vendor.example', `run-${process.pid}-${stores}`);
    const names = Object.values(keys) as string[];
    const clock = `${keys.state}:clock`;
    let behindMs = 0;
    const store = createRedisPermitStore(redis, keys, simulatedClock);
    const operations = new Proxy<PermitStore>(store, {
      get: (target, name: keyof PermitStore) => {
        const operation = target[name] as (...args: unknown[]) => Promise<unknown>;
        return async (...args: unknown[]) => {
          // Commands of one connection keep their order, so nobody need wait for this one.
          void redis.set(clock, Math.floor(now() - behindMs));
          return operation(...args);
        };
      },
    });
    const forget = async (): Promise<void> => void (await redis.del(...names));
    return {
      operations,
      forget,
      async remember() {
        const dumps = await Promise.all(
          names.map(async (key) => [key, await redis.dumpBuffer(key)] as const),
        );
        return async () => {
          await forget();
          for (const [key, dump] of dumps) if (dump) await redis.restore(key, 0, dump, 'REPLACE');
        };
      },
      async mislay(count) {
        // The last member marks the epoch.
        const slots = (await redis.zcard(keys.slots)) - 1;
        const from = Math.floor(slots / 2);
        const to = Math.min(from + count, slots) - 1;
        if (to < from) return { slots: 0, putBack: () => undefined };
        const mislaid = await redis.zrange(keys.slots, from, String(to), 'WITHSCORES');
        await redis.zremrangebyrank(keys.slots, from, to);
        const scored = mislaid.toReversed();
        return {
          slots: mislaid.length / 2,
          putBack: async () => void (await redis.zadd(keys.slots, ...scored)),
        };
      },
      setClockBack: (ms) => void (behindMs += ms),
      close: async () => void (await redis.del(...names, clock)),
    };
  };
