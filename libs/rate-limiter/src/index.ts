export { createMemoryPermitStore, type MemoryPermitStore } from './memory/permit-store.ts';
export { createMemoryRateLimiter, type MemoryRateLimiterOptions } from './memory/rate-limiter.ts';
export { createRedisRateLimiter, type RedisRateLimiterOptions } from './redis/rate-limiter.ts';
export { isLane, lanes, type Lane, type LanePolicy } from './lanes.ts';
export {
  RateLimiterUnavailable,
  type Permit,
  type PermitRequest,
  type PermitWait,
  type RateLimiter,
  type RateLimiterEvent,
  type RateLimiterStatus,
  type Settlement,
  type TeamShare,
  type Turn,
  type PauseReport,
} from './rate-limiter.ts';
export { createLimiter, type LimiterOptions } from './limiter.ts';
export { permitKeys, type PermitKeys } from './redis/keys.ts';
export { createRedisPermitStore } from './redis/permit-store.ts';
export type { PermitStore } from './store.ts';
export type { ThrottleCause, ToldQuota } from './throttle-cause.ts';
export type { After } from './timing.ts';
