import 'reflect-metadata';
import { runService } from '@glasshouse/service-kit';
import { startHealth } from './bootstrap.ts';
import { environment, readHealthConfig } from './config.ts';
import { version } from './version.ts';

await runService({
  service: 'health',
  version,
  portVariable: 'HEALTH_PORT',
  readConfig: readHealthConfig,
  telemetryEnv: environment,
  start: startHealth,
});
