import 'reflect-metadata';
import { resolve } from 'node:path';
import { runService } from '@glasshouse/service-kit';
import { startFetcher } from './bootstrap.ts';
import { readFetcherConfig, telemetryEnv } from './config.ts';
import { version } from './version.ts';

const ownFlagsFile = resolve(import.meta.dirname, '../../../config/flags.json');

await runService({
  service: 'fetcher',
  version,
  portVariable: 'FETCHER_PORT',
  readConfig: readFetcherConfig,
  telemetryEnv,
  start: (parts) => startFetcher({ ...parts, flagsFile: parts.config.FLAGS_FILE ?? ownFlagsFile }),
});
