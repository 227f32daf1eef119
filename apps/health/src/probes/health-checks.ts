import type { Check, CheckResult } from '@glasshouse/service-kit';
import type { BackgroundCheck } from '../check/background-check.ts';
import type { Finding } from '../check/result.ts';

export interface HealthChecksOptions {
  readonly inspectRedis: () => Promise<Finding>;
  readonly check: BackgroundCheck;
}

/** What `/health` looks at, from inside only: Redis now, and what the start check found. */
export const healthChecks = ({
  inspectRedis,
  check,
}: HealthChecksOptions): Readonly<Record<string, Check>> => ({
  'redis:fitness': async (): Promise<CheckResult> => {
    const { verdict, detail } = await inspectRedis();
    return {
      status: verdict === 'skipped' ? 'pass' : verdict,
      componentType: 'datastore',
      ...(detail !== undefined && { output: detail }),
    };
  },
  'start-check:verdict': () => {
    const { state } = check;
    return Promise.resolve({
      status: state.verdict === 'running' ? 'pass' : state.verdict,
      componentType: 'system',
      observedValue: state.verdict,
      ...('meaning' in state && state.meaning.length > 0 && { output: state.meaning.join('; ') }),
    });
  },
});
