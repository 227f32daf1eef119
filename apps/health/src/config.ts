import {
  canaryEnv,
  describeUpstream,
  flagsEnv,
  port,
  readConfig,
  serviceEnv,
  upstreamEnv,
  withCanaryRules,
  withUpstreamRules,
} from '@glasshouse/service-kit';
import { z } from 'zod';

const healthEnv = withCanaryRules(
  withUpstreamRules(
    z.object({
      ...serviceEnv,
      ...upstreamEnv,
      ...canaryEnv,
      HEALTH_PORT: port(3002),
      FLAGS_FILE: flagsEnv.FLAGS_FILE,
      /** Any value: no colours on a terminal (https://no-color.org). */
      NO_COLOR: z.string().optional(),
    }),
  ),
);

export type HealthConfig = z.output<typeof healthEnv>;

/** The process's environment, for what reads variables of its own (OpenTelemetry's). */
export const environment: Readonly<NodeJS.ProcessEnv> = process.env;

/** Health's settings. The vendor's key is not among them: health asks the fetcher, never the vendor. */
export const readHealthConfig = (env: Readonly<NodeJS.ProcessEnv> = environment): HealthConfig =>
  readConfig(healthEnv, env);

const flagsFileEnv = z.object({ FLAGS_FILE: flagsEnv.FLAGS_FILE });

/** What a look at the file of flags must know: where it is. */
export const readFlagsConfig = (env: Readonly<NodeJS.ProcessEnv>): z.output<typeof flagsFileEnv> =>
  readConfig(flagsFileEnv, env);

/** The plans whose keys may open a stream begin here. */
const plansWithoutStream: readonly HealthConfig['COINGLASS_PLAN'][] = ['hobbyist', 'startup'];

/** Why the check does not ask for the stream, in words; undefined when it does. */
export const streamSkippedBecause = (config: HealthConfig): string | undefined => {
  if (describeUpstream(config).wsUrl === undefined) {
    return 'custom base URL without COINGLASS_WS_URL';
  }
  return plansWithoutStream.includes(config.COINGLASS_PLAN)
    ? `the ${config.COINGLASS_PLAN} plan has no streams`
    : undefined;
};
