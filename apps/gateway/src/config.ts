import {
  integer,
  port,
  readConfig,
  serviceEnv,
  text,
  upstreamEnv,
  withUpstreamRules,
} from '@glasshouse/service-kit';
import { z } from 'zod';

const gatewayEnv = withUpstreamRules(
  z.object({
    ...serviceEnv,
    ...upstreamEnv,
    GATEWAY_PORT: port(3000),
    /** Answers kept in this process's memory, all together, in MiB. */
    GATEWAY_MEMORY_MB: integer({ min: 1, max: 4_096, default: 64 }),
    /** flagd definitions; the repository's own unless told. */
    FLAGS_FILE: text().optional(),
  }),
);

export type GatewayConfig = z.output<typeof gatewayEnv>;

/** The gateway's settings; the vendor's key is not among them, and is not wanted here. */
export const readGatewayConfig = (env: NodeJS.ProcessEnv = process.env): GatewayConfig =>
  readConfig(gatewayEnv, env);

/** OpenTelemetry's own variables, read by the telemetry start. */
export const telemetryEnv: NodeJS.ProcessEnv = process.env;

/** What the gateway's commands read: where the gateway is, and the team's key for it. */
export const commandEnv: NodeJS.ProcessEnv = process.env;
