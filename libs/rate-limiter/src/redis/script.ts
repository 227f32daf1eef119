import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { PermitKeys } from './keys.ts';

/** A Lua script on the permit keys that answers with whole numbers. */
export type Script = (args: readonly (string | number)[]) => Promise<readonly number[]>;

const isNumbers = (reply: unknown): reply is number[] =>
  Array.isArray(reply) && reply.every((value) => typeof value === 'number');

const isUnknownScript = (error: unknown): boolean =>
  error instanceof Object && 'message' in error && String(error.message).startsWith('NOSCRIPT');

/** By its digest; a server that does not know the script (yet, or since a restart) is sent the text. */
export const createScript = (redis: Redis, { slots, state }: PermitKeys, lua: string): Script => {
  const sha = createHash('sha1').update(lua).digest('hex');
  return async (args) => {
    let reply: unknown;
    try {
      reply = await redis.evalsha(sha, 2, slots, state, ...args);
    } catch (error) {
      if (!isUnknownScript(error)) throw error;
      reply = await redis.eval(lua, 2, slots, state, ...args);
    }
    if (!isNumbers(reply)) throw new TypeError('the permit script answered with something else');
    return reply;
  };
};
