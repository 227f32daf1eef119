import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { PermitKeys } from './keys.ts';

/** A Lua script on the permit keys that answers with a list of whole numbers and texts. */
export type Script = (args: readonly (string | number)[]) => Promise<readonly (number | string)[]>;

const isList = (reply: unknown): reply is (number | string)[] =>
  Array.isArray(reply) && reply.every((value) => ['number', 'string'].includes(typeof value));

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
    if (!isList(reply)) throw new TypeError('the permit script answered with something else');
    return reply;
  };
};
