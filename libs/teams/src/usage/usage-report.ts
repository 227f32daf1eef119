import type { Redis } from 'ioredis';
import { redisKeys } from '../register/redis-keys.ts';
import { bucketAt, metrics, spanNames, spans, type Counts, type SpanName } from './spans.ts';

/** What a team did during the last minute, hour and day. */
export type Usage = Readonly<Record<SpanName, Counts>>;

/** Adds up the buckets of one team. Rejects when Redis is away. */
export const readUsage = async (redis: Redis, team: string, now: number): Promise<Usage> => {
  const read = await Promise.all(spanNames.map((span) => readSpan(redis, team, span, now)));
  return Object.fromEntries(spanNames.map((span, index) => [span, read[index]])) as Usage;
};

const readSpan = async (
  redis: Redis,
  team: string,
  span: SpanName,
  now: number,
): Promise<Counts> => {
  const { lengthMs, bucketMs } = spans[span];
  const newest = bucketAt(span, now);
  const pipeline = redis.pipeline();
  for (let back = 0; back < lengthMs / bucketMs; back += 1)
    pipeline.hmget(redisKeys.usage(team, span, newest - back), ...metrics);
  const sums = metrics.map(() => 0);
  for (const [error, values] of (await pipeline.exec()) ?? []) {
    if (error) throw error;
    (values as (string | null)[]).forEach((value, index) => {
      sums[index] = (sums[index] ?? 0) + Number(value ?? 0);
    });
  }
  return Object.fromEntries(
    metrics.map((metric, index) => [metric, sums[index]]),
  ) as unknown as Counts;
};
