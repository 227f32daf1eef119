import 'reflect-metadata';
import { resolve } from 'node:path';
import {
  createLogger,
  describeStartError,
  secretsOf,
  startTelemetry,
} from '@glasshouse/service-kit';
import { startGateway } from './bootstrap.ts';
import { readGatewayConfig, telemetryEnv } from './config.ts';
import { version } from './version.ts';

try {
  const config = readGatewayConfig();
  const secrets = secretsOf(config);
  const logger = createLogger({ service: 'gateway', level: config.LOG_LEVEL, secrets });
  const telemetry = startTelemetry({
    service: 'gateway',
    version,
    secrets,
    env: telemetryEnv,
    logger,
  });
  const flagsFile = config.FLAGS_FILE ?? resolve(import.meta.dirname, '../../../config/flags.json');
  await startGateway({ config, flagsFile, version, logger, telemetry });
} catch (thrown) {
  process.stderr.write(`${describeStartError(thrown, { portVariable: 'GATEWAY_PORT' })}\n`);
  process.exit(1);
}
