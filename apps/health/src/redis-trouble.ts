import { redisLabel, type createRedis } from '@glasshouse/service-kit';

/** Why a command of Redis failed, in words for people; undefined when it was not Redis that failed. */
export const redisTrouble = (
  thrown: unknown,
  redis: Pick<ReturnType<typeof createRedis>, 'status'>,
  url: string,
): string | undefined => {
  const label = redisLabel(url);
  if (redis.status !== 'ready') return `${label} has gone away`;
  if (!(thrown instanceof Error)) return undefined;
  if (thrown.name === 'ReplyError') return `${label} refuses: ${thrown.message}`;
  return thrown.message === 'Command timed out' ? `${label} does not answer in time` : undefined;
};
