import { Redis } from 'ioredis';

/** Everything a Redis holds, keys and values, as text to search in. */
export const redisDump = async (url: string): Promise<string> => {
  const redis = new Redis(url);
  let dump = '';
  for await (const keys of redis.scanStream({ count: 1_000 })) {
    for (const key of keys as string[]) {
      dump += `${key} ${JSON.stringify(await valueOf(redis, key))}\n`;
    }
  }
  redis.disconnect();
  return dump;
};

const valueOf = async (redis: Redis, key: string): Promise<unknown> => {
  switch (await redis.type(key)) {
    case 'string':
      return redis.get(key);
    case 'hash':
      return redis.hgetall(key);
    case 'zset':
      return redis.zrange(key, '0', '-1');
    case 'list':
      return redis.lrange(key, 0, -1);
    case 'stream':
      return redis.xrange(key, '-', '+');
    default:
      return redis.smembers(key);
  }
};

/** A secret as it is, and as it looks in a URL and in a header. */
export const formsOf = (secret: string): readonly string[] => [
  secret,
  encodeURIComponent(secret),
  Buffer.from(secret).toString('base64'),
];
