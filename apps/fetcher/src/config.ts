import {
  boolean,
  canaryEnv,
  flagsEnv,
  integer,
  port,
  readConfig,
  secret,
  serviceEnv,
  text,
  upstreamEnv,
  withCanaryRules,
  withUpstreamRules,
} from '@glasshouse/service-kit';
import { z } from 'zod';

const keyMissing =
  'is missing: every request to CoinGlass (or to COINGLASS_BASE_URL) carries it. Set it, or start everything with npm start, ' +
  'which runs the sandbox when there is neither a key nor a base URL';

const fetcherEnv = withCanaryRules(
  withUpstreamRules(
    z.object({
      ...serviceEnv,
      ...upstreamEnv,
      ...flagsEnv,
      ...canaryEnv,
      /** The vendor's key. No other process of the house is given it. */
      COINGLASS_API_KEY: z.string({ error: keyMissing }).pipe(secret()),
      FETCHER_PORT: port(3001),
      /** Jobs that run at once; most of them wait for a permit or for the vendor. */
      FETCHER_INTERACTIVE_CONCURRENCY: integer({ min: 1, max: 512, default: 64 }),
      FETCHER_SHARED_CONCURRENCY: integer({ min: 1, max: 256, default: 16 }),
      /** All answers in Redis, all together, in MiB. */
      ANSWER_STORE_MB: integer({ min: 1, max: 65_536, default: 256 }),
      /** In what the canary differs from the baseline, as JSON; without it they are the same client. */
      COINGLASS_CANARY_FILE: text().optional(),
      /**
       * Whoever sets it vouches that nothing was sent with this key during the last window, as the launcher does for a Redis it has just
       * started. Otherwise a Redis without the limiter's state grants nothing for a lease and a window (90 s). Looked at once, at the start.
       */
      GLASSHOUSE_FRESH_REDIS: boolean(false),
    }),
  ),
);

export type FetcherConfig = z.output<typeof fetcherEnv>;

/** Throws a `ConfigError` with every problem at once. */
export const readFetcherConfig = (env: NodeJS.ProcessEnv = process.env): FetcherConfig =>
  readConfig(fetcherEnv, env);

/** OpenTelemetry's own variables, read by the telemetry start. */
export const telemetryEnv: NodeJS.ProcessEnv = process.env;
