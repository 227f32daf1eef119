import { checkEnv } from './check-env.mjs';
import { gatewayEnv } from './child-env.mjs';
import { StartProblem } from './problem.mjs';
import { gatewayOf } from './run-file.mjs';

/**
 * The environment of the verification: that of the check, and where the gateway is. Where no house runs and no Redis is named a
 * gateway far away can still be asked, so that is no problem here; the command says what it lacks.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {import('./run-file.mjs').Run | undefined} run
 * @returns {NodeJS.ProcessEnv}
 */
export const verifyEnv = (env, run) => {
  const url = env['GLASSHOUSE_URL']?.trim() || gatewayOf(run);
  const at = url === undefined ? {} : { GLASSHOUSE_URL: url };
  try {
    return { ...checkEnv(env, run), ...at };
  } catch (error) {
    if (!(error instanceof StartProblem)) throw error;
    return { ...gatewayEnv(env), ...at };
  }
};
