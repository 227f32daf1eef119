import type { Redis } from 'ioredis';
import type { PermitStore } from '../store.ts';
import { permitKeys } from '../redis/keys.ts';
import { createRedisPermitStore } from '../redis/permit-store.ts';
import { createSimulatedClock, microtasksRun } from './simulated-clock.ts';
import { createWorld, type MakeWorld } from './world.ts';

/** The scripts' clock read from a key instead of TIME: the rest of the scripts is what production runs. */
export const simulatedRedisClock = `local now = tonumber(redis.call('GET', KEYS[2] .. ':clock'))`;

/** The store, and whether anything is being asked of it. */
const watched = (store: PermitStore) => {
  let asked = 0;
  const watch =
    <Args extends unknown[], T>(operation: (...args: Args) => Promise<T>) =>
    async (...args: Args): Promise<T> => {
      asked += 1;
      try {
        return await operation(...args);
      } finally {
        asked -= 1;
      }
    };
  const { grant, settle, pause, announce, declareEpoch, status } = store;
  const watchedStore: PermitStore = {
    grant: watch(grant),
    settle: watch(settle),
    pause: watch(pause),
    announce: watch(announce),
    declareEpoch: watch(declareEpoch),
    status: watch(status),
  };
  return { store: watchedStore, isAsked: () => asked > 0 };
};

let worlds = 0;

/** The Redis store on simulated time. */
export const makeRedisWorld =
  (redis: Redis): MakeWorld =>
  async () => {
    worlds += 1;
    const keys = permitKeys('https://vendor.example', `world-${worlds}`);
    let skewMs = 0;
    const setClock = async (now: number): Promise<void> => {
      await redis.set(`${keys.state}:clock`, Math.floor(now + skewMs));
    };
    const { store, isAsked } = watched(createRedisPermitStore(redis, keys, simulatedRedisClock));
    // Replies come in the order of the commands: after a ping's, all earlier ones have been dealt with. An answer may lead to a question.
    const settled = async (): Promise<void> => {
      do {
        await redis.ping();
        await microtasksRun();
      } while (isAsked());
    };
    const clock = createSimulatedClock(settled, setClock);
    await setClock(clock.now());
    return createWorld({
      clock,
      store,
      setStoreClockBy: async (ms) => {
        skewMs = ms;
        await setClock(clock.now());
      },
      loseState: async () => void (await redis.del(keys.slots, keys.state)),
      rememberState: async () => {
        const [slots, state] = await Promise.all([
          redis.dumpBuffer(keys.slots),
          redis.dumpBuffer(keys.state),
        ]);
        return async () => {
          if (!slots || !state) throw new Error('there was no state to put back');
          await redis.restore(keys.slots, 0, slots, 'REPLACE');
          await redis.restore(keys.state, 0, state, 'REPLACE');
        };
      },
    });
  };
