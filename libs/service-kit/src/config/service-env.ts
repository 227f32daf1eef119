import { choice, host, logLevel, redisUrl } from './pieces.ts';

/** What every process reads, to be spread into the app's own schema. */
export const serviceEnv = {
  HOST: host('127.0.0.1'),
  LOG_LEVEL: logLevel(),
  NODE_ENV: choice(['development', 'test', 'production'], 'development'),
  REDIS_URL: redisUrl(),
};
