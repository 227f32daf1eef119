import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from './readiness.mjs';

/**
 * What the health app found when it asked the house its first questions.
 *
 * @typedef {object} StartCheck
 * @property {string} verdict `pass`, `warn` or `fail`
 * @property {number} passed rows
 * @property {number} warned
 * @property {number} failed
 * @property {string} [earlierAt] ISO time of its end, when it is the result of a run before this start
 * @property {string[]} meaning what it means, in sentences; empty when all is well
 */

const pollEveryMs = 250;
const verdicts = new Set(['pass', 'warn', 'fail']);

/**
 * @param {string} healthUrl
 * @param {{ boundMs?: number, signal?: AbortSignal }} [options]
 * @returns {Promise<StartCheck | undefined>} undefined when it has not finished in time
 */
export const startCheckVerdict = async (healthUrl, { boundMs = 20_000, signal } = {}) => {
  const until = Date.now() + boundMs;
  while (Date.now() < until && !signal?.aborted) {
    const check = await finishedCheck(healthUrl);
    if (check !== undefined) return check;
    await sleep(pollEveryMs, undefined, signal === undefined ? {} : { signal }).catch(() => {});
  }
  return undefined;
};

/** @param {string} url @returns {Promise<StartCheck | undefined>} */
const finishedCheck = async (url) => {
  try {
    const check = JSON.parse((await ask(url)).body).startCheck;
    if (!verdicts.has(check?.verdict)) return undefined; // Still running.
    const { verdict, passed = 0, warned = 0, failed = 0, meaning = [] } = check;
    const earlier = check.from === 'earlier-run' ? { earlierAt: check.finishedAt } : {};
    return { verdict, passed, warned, failed, meaning, ...earlier };
  } catch {
    return undefined;
  }
};
