import 'reflect-metadata';
import { resolve } from 'node:path';
import {
  createLogger,
  describeStartError,
  secretsOf,
  startTelemetry,
} from '@glasshouse/service-kit';
import { startFetcher } from './bootstrap.ts';
import { readFetcherConfig, telemetryEnv } from './config.ts';
import { version } from './version.ts';

try {
  const config = readFetcherConfig();
  const secrets = secretsOf(config);
  const logger = createLogger({ service: 'fetcher', level: config.LOG_LEVEL, secrets });
  // Before anything is made that could have spans.
  const telemetry = startTelemetry({
    service: 'fetcher',
    version,
    secrets,
    env: telemetryEnv,
    logger,
  });
  const flagsFile = config.FLAGS_FILE ?? resolve(import.meta.dirname, '../../../config/flags.json');
  await startFetcher({ config, flagsFile, logger, telemetry });
} catch (thrown) {
  process.stderr.write(`${describeStartError(thrown, { portVariable: 'FETCHER_PORT' })}\n`);
  process.exit(1);
}
