export { ConfigError } from './config/config-error.ts';
export type { ConfigProblem } from './config/config-error.ts';
export {
  boolean,
  choice,
  host,
  integer,
  logLevel,
  logLevels,
  port,
  redisUrl,
  secret,
  text,
  url,
} from './config/pieces.ts';
export type { LogLevel, UrlOptions } from './config/pieces.ts';
export { flagsEnv } from './config/flags-env.ts';
export { isLoopback } from './config/loopback.ts';
export { readConfig } from './config/read-config.ts';
export { Secret } from './config/secret.ts';
export { secretsOf } from './config/secrets-of.ts';
export { serviceEnv } from './config/service-env.ts';
export { canaryEnv, withCanaryRules } from './config/canary-env.ts';
export {
  baseUrlRules,
  describeUpstream,
  upstreamEnv,
  withUpstreamRules,
} from './config/upstream-env.ts';
export type { Upstream, UpstreamConfig } from './config/upstream-env.ts';
export { createLifecycle } from './lifecycle/lifecycle.ts';
export type { Lifecycle, LifecycleOptions, ProcessEvents } from './lifecycle/lifecycle.ts';
export { runService } from './lifecycle/run-service.ts';
export type { ServiceOptions, ServiceParts } from './lifecycle/run-service.ts';
export { describeStartError } from './lifecycle/start-error.ts';
export { createLogger } from './logging/logger.ts';
export type { Logger, LoggerOptions } from './logging/logger.ts';
export { createMask } from './logging/mask.ts';
export type { Mask } from './logging/mask.ts';
export { sampled } from './logging/sampled.ts';
export type { SampledLogger } from './logging/sampled.ts';
export { createProbes } from './probes/probes.ts';
export type {
  Check,
  CheckResult,
  CheckStatus,
  ProbeAnswer,
  Probes,
  ProbesOptions,
} from './probes/probes.ts';
export { sendProbe } from './probes/send-probe.ts';
export type { ProbeReply } from './probes/send-probe.ts';
export { createRedis, reconnectDelayMs, redisReady } from './redis/create-redis.ts';
export type { RedisConnectionOptions, RedisPreset } from './redis/create-redis.ts';
export { redisLabel } from './redis/redis-address.ts';
export { assertRedisFit, describeRedis, parseRedisInfo, redisFacts } from './redis/redis-facts.ts';
export type { RedisFacts, RedisFinding } from './redis/redis-facts.ts';
export { createFlagGauges } from './telemetry/flag-gauges.ts';
export type { FlagsInForce } from './telemetry/flag-gauges.ts';
export { startTelemetry } from './telemetry/start-telemetry.ts';
export type { Telemetry, TelemetryOptions } from './telemetry/start-telemetry.ts';
export { contextFromTraceparent, traceparentOf } from './telemetry/traceparent.ts';
