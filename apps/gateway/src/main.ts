import 'reflect-metadata';
import { resolve } from 'node:path';
import { runService } from '@glasshouse/service-kit';
import { startGateway } from './bootstrap.ts';
import { readGatewayConfig, telemetryEnv } from './config.ts';
import { version } from './version.ts';

const ownFlagsFile = resolve(import.meta.dirname, '../../../config/flags.json');

await runService({
  service: 'gateway',
  version,
  portVariable: 'GATEWAY_PORT',
  readConfig: readGatewayConfig,
  telemetryEnv,
  start: (parts) => startGateway({ ...parts, flagsFile: parts.config.FLAGS_FILE ?? ownFlagsFile }),
});
