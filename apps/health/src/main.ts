import 'reflect-metadata';
import {
  createLogger,
  describeStartError,
  secretsOf,
  startTelemetry,
} from '@glasshouse/service-kit';
import { startHealth } from './bootstrap.ts';
import { environment, readHealthConfig } from './config.ts';
import { version } from './version.ts';

try {
  const config = readHealthConfig();
  const secrets = secretsOf(config);
  const logger = createLogger({ service: 'health', level: config.LOG_LEVEL, secrets });
  const telemetry = startTelemetry({
    service: 'health',
    version,
    secrets,
    env: environment,
    logger,
  });
  await startHealth({ config, logger, telemetry });
} catch (thrown) {
  process.stderr.write(`${describeStartError(thrown, { portVariable: 'HEALTH_PORT' })}\n`);
  process.exit(1);
}
