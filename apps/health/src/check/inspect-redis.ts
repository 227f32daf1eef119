import {
  assertRedisFit,
  describeRedis,
  redisFacts,
  redisReady,
  type createRedis,
} from '@glasshouse/service-kit';
import type { Finding } from './result.ts';

export interface InspectRedisOptions {
  readonly redis: ReturnType<typeof createRedis>;
  /** Its address as people may see it. */
  readonly label: string;
  /** How long a connection may take to be made; once made, Redis answers at once or is away. */
  readonly readyMs: number;
  readonly production: boolean;
  readonly now?: () => number;
}

/** Round trip and fitness of Redis: what evicts or forgets jobs is no queue. Rejects when Redis is away. */
export const inspectRedis = async ({
  redis,
  label,
  readyMs,
  production,
  now = () => performance.now(),
}: InspectRedisOptions): Promise<Finding> => {
  if (!(await redisReady(redis, readyMs))) throw new Error(`${label} cannot be reached`);
  const startedAtMs = now();
  await redis.ping();
  const pingMs = now() - startedAtMs;
  const facts = await redisFacts(redis);
  const findings = assertRedisFit(facts, { production });
  const refused = findings.some(({ level }) => level === 'refuse');
  return {
    verdict: refused ? 'fail' : findings.length > 0 ? 'warn' : 'pass',
    ...(refused && { kind: 'redis-unfit' }),
    detail: [
      `${describeRedis(facts)}, ping ${pingMs.toFixed(1)} ms`,
      ...findings.map(({ message }) => message),
    ].join('; '),
  };
};
