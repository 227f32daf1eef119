import type { LogLevel } from '../config/pieces.ts';
import { secretsOf } from '../config/secrets-of.ts';
import { createLogger, type Logger } from '../logging/logger.ts';
import {
  startTelemetry,
  type Telemetry,
  type TelemetryOptions,
} from '../telemetry/start-telemetry.ts';
import { describeStartError } from './start-error.ts';

/** What every start is given. */
export interface ServiceParts<Config> {
  readonly config: Config;
  readonly version: string;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
}

export interface ServiceOptions<Config> {
  /** In logs and telemetry. */
  readonly service: string;
  readonly version: string;
  /** The setting that moves the process to another port, e.g. `GATEWAY_PORT`: named when the port is taken. */
  readonly portVariable: string;
  /** Throws a `ConfigError` when there is no starting with this environment. */
  readonly readConfig: () => Config;
  readonly telemetryEnv: TelemetryOptions['env'];
  /** Resolves when the service listens; its end is its lifecycle's matter. */
  readonly start: (parts: ServiceParts<Config>) => Promise<void>;
  readonly stderr?: { write(text: string): unknown };
  readonly exit?: (code: number) => void;
}

/**
 * The beginning of a process, the same for all: configuration, its secrets, logger, telemetry, then the app's own start. Whatever
 * fails is one sentence on stderr and exit code 1; the end in order is `createLifecycle`'s.
 */
export const runService = async <
  Config extends Readonly<Record<string, unknown>> & { readonly LOG_LEVEL: LogLevel },
>({
  service,
  version,
  portVariable,
  readConfig,
  telemetryEnv,
  start,
  stderr = process.stderr,
  exit = (code) => process.exit(code),
}: ServiceOptions<Config>): Promise<void> => {
  try {
    const config = readConfig();
    const secrets = secretsOf(config);
    const logger = createLogger({ service, level: config.LOG_LEVEL, secrets });
    // Before anything is made that could have spans or meters.
    const telemetry = startTelemetry({ service, version, secrets, env: telemetryEnv, logger });
    await start({ config, version, logger, telemetry });
  } catch (thrown) {
    stderr.write(`${describeStartError(thrown, { portVariable })}\n`);
    exit(1);
  }
};
