import { parseKey } from '@glasshouse/teams';
import {
  boolean,
  flagsEnv,
  integer,
  port,
  readConfig,
  redisUrl,
  secret,
  serviceEnv,
  upstreamEnv,
  withUpstreamRules,
} from '@glasshouse/service-kit';
import { z } from 'zod';

const gatewayEnv = withUpstreamRules(
  z.object({
    ...serviceEnv,
    ...upstreamEnv,
    ...flagsEnv,
    GATEWAY_PORT: port(3000),
    /** Answers kept in this process's memory, all together, in MiB. */
    GATEWAY_MEMORY_MB: integer({ min: 1, max: 4_096, default: 64 }),
    /** Lets everybody in for as long as no team has a key, also where other machines can reach the gateway. */
    GATEWAY_OPEN: boolean(false),
    /** A team key that may do everything and stands in a file for all to read: for the sandbox. */
    GATEWAY_DEVELOPMENT_KEY: secret().optional(),
  }),
).superRefine(({ NODE_ENV, GATEWAY_DEVELOPMENT_KEY: key }, context) => {
  const refuse = (message: string): void =>
    context.addIssue({ code: 'custom', path: ['GATEWAY_DEVELOPMENT_KEY'], message });
  if (!key) return;
  if (NODE_ENV === 'production')
    refuse('is for development; in production make keys with npm run keys -- create');
  if (!parseKey(key.reveal())) refuse('is not a team key; npm run keys -- create makes one');
});

export type GatewayConfig = z.output<typeof gatewayEnv>;

/** The gateway's settings; the vendor's key is not among them, and is not wanted here. */
export const readGatewayConfig = (env: NodeJS.ProcessEnv = process.env): GatewayConfig =>
  readConfig(gatewayEnv, env);

const keysEnv = z.object({ REDIS_URL: redisUrl() });

/** What the command `keys` must know: where the register is. */
export const readKeysConfig = (env: NodeJS.ProcessEnv): z.output<typeof keysEnv> =>
  readConfig(keysEnv, env);

/** For commands, which hand it to their own reading. */
export const environment: NodeJS.ProcessEnv = process.env;

/** OpenTelemetry's own variables, read by the telemetry start. */
export const telemetryEnv: NodeJS.ProcessEnv = process.env;

/** What the gateway's commands read: where the gateway is, and the team's key for it. */
export const commandEnv: NodeJS.ProcessEnv = process.env;
