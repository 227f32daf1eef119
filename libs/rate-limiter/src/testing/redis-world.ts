import type { Redis } from 'ioredis';
import { permitKeys } from '../redis/keys.ts';
import { createRedisPermitStore } from '../redis/permit-store.ts';
import { createSimulatedClock, microtasksRun } from './simulated-clock.ts';
import { createWorld, type MakeWorld } from './world.ts';

/** The scripts' clock read from a key instead of TIME: the rest of the scripts is what production runs. */
export const simulatedRedisClock = `local now = tonumber(redis.call('GET', KEYS[2] .. ':clock'))`;

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
    // Replies come in the order of the commands: after a ping's, all earlier ones have been dealt with.
    const settled = async (): Promise<void> => {
      await redis.ping();
      await microtasksRun();
      await redis.ping();
      await microtasksRun();
    };
    const clock = createSimulatedClock(settled, setClock);
    await setClock(clock.now());
    return createWorld({
      clock,
      store: createRedisPermitStore(redis, keys, simulatedRedisClock),
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
