import { assertRedisFit, redisFacts, type createRedis, type Logger } from '@glasshouse/service-kit';

/**
 * Looks at what Redis says about itself and tells it to the log. Gives why this Redis must not be used, if so: in production one
 * that may evict jobs and permits.
 */
export const redisUnfitBecause = async (
  redis: ReturnType<typeof createRedis>,
  { production, logger }: { readonly production: boolean; readonly logger: Pick<Logger, 'warn'> },
): Promise<string | undefined> => {
  const findings = assertRedisFit(await redisFacts(redis), { production });
  for (const { level, message } of findings) {
    if (level === 'warn') logger.warn({ event: 'redis.fitness' }, message);
  }
  return findings.find(({ level }) => level === 'refuse')?.message;
};
