import type { JobRunnerParts } from '../jobs/job-runner.ts';

/** For specs in which no test of two arms is under way: every job is run by the baseline, and nobody counts. */
export const untried: Pick<JobRunnerParts, 'armOf' | 'ledger'> = {
  armOf: ({ id = '' }) =>
    Promise.resolve({ callId: id, arm: 'baseline', onTrial: false, counted: 'when-sent' }),
  ledger: { count: () => undefined },
};
