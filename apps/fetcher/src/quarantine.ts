import { runService } from '@glasshouse/service-kit';
import { readFetcherConfig, telemetryEnv } from './config.ts';
import { serveQuarantine } from './jobs/quarantine/serve-quarantine.ts';
import { watchLoop } from './lifecycle/watch-loop.ts';
import { version } from './version.ts';

/** Started by the fetcher, never by hand: without one at the other end it ends at once. */
watchLoop({ silentMaxMs: 15_000, endsWithParent: true });
await runService({
  service: 'fetcher',
  version,
  portVariable: 'FETCHER_PORT',
  readConfig: readFetcherConfig,
  telemetryEnv,
  start: serveQuarantine,
});
