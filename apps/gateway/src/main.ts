import 'reflect-metadata';
import { runService } from '@glasshouse/service-kit';
import { startGateway } from './bootstrap.ts';
import { readGatewayConfig, telemetryEnv } from './config.ts';
import { version } from './version.ts';

await runService({
  service: 'gateway',
  version,
  portVariable: 'GATEWAY_PORT',
  readConfig: readGatewayConfig,
  telemetryEnv,
  start: startGateway,
});
