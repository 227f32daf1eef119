import type { RedisOptions } from 'ioredis';

/** Options without the one that changes the client's type. */
export type ConnectionOptions = Omit<RedisOptions, 'replyMapping'>;

/** What a Redis URL says, as client options. Read by us, not by the client, which takes query parameters as options. */
export const addressOf = (url: string): ConnectionOptions => {
  const { protocol, hostname, port, username, password, pathname } = new URL(url);
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? 6379 : Number(port),
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
    ...(pathname.length > 1 && { db: Number(pathname.slice(1)) }),
    ...(protocol === 'rediss:' && { tls: {} }),
  };
};

/** A Redis URL as people may see it: no user, no password. */
export const redisLabel = (url: string): string => {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname.length > 1 ? pathname : ''}`;
};
