import 'reflect-metadata';
import { runService } from '@glasshouse/service-kit';
import { startFetcher } from './bootstrap.ts';
import { readFetcherConfig, telemetryEnv } from './config.ts';
import { watchLoop } from './lifecycle/watch-loop.ts';
import { version } from './version.ts';

// Over lock, check and a long pause of the machine: only what never ends is ended.
watchLoop({ silentMaxMs: 60_000 });
await runService({
  service: 'fetcher',
  version,
  portVariable: 'FETCHER_PORT',
  readConfig: readFetcherConfig,
  telemetryEnv,
  start: startFetcher,
});
