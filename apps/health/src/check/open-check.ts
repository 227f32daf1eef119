import { describeUpstream, redisLabel, redisReady, type Logger } from '@glasshouse/service-kit';
import { streamSkippedBecause, type HealthConfig } from '../config.ts';
import { inspectRedis } from './inspect-redis.ts';
import { openRoad, type OpenRoad } from './open-road.ts';
import type { Finding } from './result.ts';
import { flagsSourceOf } from './flags-source.ts';
import type { Patience } from './row.ts';
import { startCheckRows } from './rows.ts';
import { SharedCheck } from './shared-check.ts';
import { StartCheck } from './start-check.ts';

export interface OpenCheckOptions {
  readonly config: HealthConfig;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly patience: Patience;
  readonly firstPatience?: Patience;
  /** How long Redis may need to be there. */
  readonly redisReadyMs: number;
}

export interface OpenCheck extends Pick<OpenRoad, 'redis' | 'close'> {
  readonly check: SharedCheck;
  /** Redis as it is now, without the rest of the check. */
  readonly inspectRedisWithin: (readyMs: number) => () => Promise<Finding>;
}

/** The check with everything it asks through, on two connections to Redis; the same for service and command. */
export const openCheck = ({
  config,
  logger,
  redisReadyMs,
  ...options
}: OpenCheckOptions): OpenCheck => {
  const { road, redis, close } = openRoad(config.REDIS_URL, logger);
  const label = redisLabel(config.REDIS_URL);
  const production = config.NODE_ENV === 'production';
  const inspectRedisWithin = (readyMs: number) => () =>
    inspectRedis({ redis, label, readyMs, production });
  const streamSkipped = streamSkippedBecause(config);
  const check = new StartCheck({
    ...options,
    rows: startCheckRows,
    road,
    inspectRedis: inspectRedisWithin(redisReadyMs),
    flagsSource: flagsSourceOf({ redis, file: config.FLAGS_FILE }),
    ...(streamSkipped !== undefined && { streamSkipped }),
  });
  return {
    check: new SharedCheck({
      check,
      redis,
      redisReady: () => redisReady(redis, redisReadyMs),
      redisLabel: label,
      about: [describeUpstream(config).origin, config.COINGLASS_PLAN],
    }),
    inspectRedisWithin,
    redis,
    close,
  };
};
