/** For specs and `src/testing` only: production code may not import it. */
export { freePort } from './free-port.ts';
export { PrivateRedis, redisIsHere, type PrivateRedisOptions } from './private-redis.ts';
