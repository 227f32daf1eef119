import { randomUUID } from 'node:crypto';
import { isOver, Leadership, LedgerReader, RunStore } from '@glasshouse/canary';
import { createRedis, redisReady, type Logger } from '@glasshouse/service-kit';
import type { HealthConfig } from '../config.ts';
import { createCanaryMetrics } from './canary-metrics.ts';
import { CanaryController } from './controller.ts';
import { keepReport, reportsFolder } from './keep-report.ts';
import { redisFlags } from './redis-flags.ts';
import { CanaryRunner } from './runner.ts';
import { tellChange } from './tell-change.ts';

const redisWithinMs = 5_000;
const passEveryMsMax = 1_000;

/** Watches the canary from this health, on a connection of its own. Returns at once; Redis may come later. */
export const openCanary = (
  config: HealthConfig,
  logger: Logger,
): { readonly close: () => Promise<void> } => {
  const redis = createRedis(config.REDIS_URL, 'producer', { logger, name: 'health-canary' });
  const { CANARY_MINUTE_MS: periodMs, COINGLASS_RPM: limit } = config;
  const store = new RunStore({ redis });
  const leadership = new Leadership({ redis, name: randomUUID() });
  const metrics = createCanaryMetrics();
  const runner = new CanaryRunner({
    controller: new CanaryController({
      store,
      leadership,
      ledger: new LedgerReader({ redis }),
      flags: redisFlags({ redis, file: config.FLAGS_FILE }),
      settings: { periodMs, limit },
      onChange: (run, tick) => {
        metrics.note(run, tick);
        tellChange(logger, run, tick);
        if (isOver(run.status) && run.pending === undefined)
          void keepReport(run, { store, folder: reportsFolder, log: logger });
      },
    }),
    leadership,
    log: logger,
    onFollow: () => metrics.forget(),
    everyMs: Math.min(passEveryMsMax, periodMs / 4),
  });
  // A start without Redis is told by its connection; a start a moment before Redis is not worth a line.
  void redisReady(redis, redisWithinMs).then(() => runner.start());
  return {
    close: async () => {
      await runner.stop();
      metrics.stop();
      redis.disconnect();
    },
  };
};
