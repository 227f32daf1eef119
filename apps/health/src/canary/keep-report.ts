import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createReport, reportMarkdown, type CanaryRun, type RunStore } from '@glasshouse/canary';
import type { Logger } from '@glasshouse/service-kit';

/** Where a house that runs from its folder keeps things. */
export const reportsFolder = resolve(import.meta.dirname, '../../../../var/canary');

export interface KeepReportOptions {
  readonly store: RunStore;
  readonly folder: string;
  readonly log: Pick<Logger, 'info'>;
}

/** Leaves the report of a run that is over as files. Where it may not write, the one in Redis is all there is; that is said, once a run. */
export const keepReport = async (
  run: CanaryRun,
  { store, folder, log }: KeepReportOptions,
): Promise<void> => {
  const path = join(folder, `${run.id}.md`);
  const event = 'canary.report';
  try {
    const report = createReport(run, await store.ticks(run.id));
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, reportMarkdown(report));
    writeFileSync(join(folder, `${run.id}.json`), `${JSON.stringify(report, undefined, 2)}\n`);
    log.info({ event, run: run.id, path }, `the report of the canary is in ${path}`);
  } catch (err) {
    log.info(
      { event, run: run.id, err },
      'the report of the canary could not be kept as a file; npm run canary -- report shows it',
    );
  }
};
