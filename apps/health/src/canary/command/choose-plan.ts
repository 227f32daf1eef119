import { canaryPlan, defaultPlan, type CanaryPlan } from '@glasshouse/canary';
import type { CanaryArguments } from './arguments.ts';

/** The plan that is asked for. A string is what is wrong with it. */
export const choosePlan = (
  { plan: path, mode }: Pick<CanaryArguments, 'plan' | 'mode'>,
  readFile: (path: string) => string,
): CanaryPlan | string => {
  if (path === undefined) return defaultPlan(mode ?? 'two-arm');
  let json: unknown;
  try {
    json = JSON.parse(readFile(path));
  } catch (thrown) {
    return `--plan: ${path} cannot be read as JSON: ${thrown instanceof Error ? thrown.message : ''}`;
  }
  const { data, error } = canaryPlan.safeParse(json);
  if (data === undefined)
    return [
      `--plan: ${path} is no plan`,
      ...(error?.issues ?? []).map((issue) => `  ${issue.path.join('.')}: ${issue.message}`),
    ].join('\n');
  if (mode !== undefined && data.mode !== mode)
    return `--mode: is ${mode}, but the plan is for ${data.mode}; leave one out`;
  return data;
};
