import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { spawnManaged } from '../launcher/processes.mjs';
import { addTallies, emptyTally, skippedAloud, tallyOf } from './tally.mjs';

/**
 * Runs one step to its end and says how it went. The whole output goes to a file; what to show is decided by others.
 *
 * @typedef {object} Outcome
 * @property {string} name
 * @property {'passed' | 'failed' | 'skipped'} verdict
 * @property {import('./tally.mjs').Tally} tally
 * @property {number} tookMs
 * @property {string[]} aloud what it skipped, in its own words
 * @property {string} output
 */

const boundMs = 15 * 60_000;

/**
 * Tests must not meet the key, the Redis or the collector of whoever runs them.
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv}
 */
const testEnv = (env) => ({
  ...Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(COINGLASS_|REDIS_URL|OTEL_|SANDBOX_)/.test(name)),
  ),
  NX_DAEMON: 'false',
  NX_TUI: 'false',
});

/**
 * @param {import('./steps.mjs').Step} step
 * @param {{ root: string, env: NodeJS.ProcessEnv, signal: AbortSignal }} options
 * @returns {Promise<Outcome>}
 */
export const runStep = async ({ name, args, leavesOut }, { root, env, signal }) => {
  const startedAt = Date.now();
  /** @type {string[]} */
  const lines = [];
  const child = spawnManaged({
    name,
    command: process.execPath,
    args,
    cwd: root,
    env: testEnv(env),
    onLine: (line) => lines.push(stripVTControlCharacters(line)),
  });
  const end = () => void child.stop(5000).then(child.kill);
  const timer = setTimeout(() => {
    lines.push(`Ended: not finished within ${boundMs / 60_000} minutes.`);
    end();
  }, boundMs);
  signal.addEventListener('abort', end, { once: true });
  const { code } = await child.exited;
  clearTimeout(timer);
  signal.removeEventListener('abort', end);

  const output = lines.join('\n');
  const folder = join(root, 'var', 'test');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.log`), `${output}\n`);
  return {
    name,
    verdict: code === 0 ? 'passed' : 'failed',
    tally: addTallies(honestTally(tallyOf(output), code), {
      ...emptyTally(),
      skipped: leavesOut === undefined ? 0 : 1,
    }),
    tookMs: Date.now() - startedAt,
    aloud: [...skippedAloud(output), ...(leavesOut === undefined ? [] : [`SKIPPED: ${leavesOut}`])],
    output,
  };
};

/**
 * A step that fails without a failed test (a lint error, a compiler's) is one failure.
 * @param {import('./tally.mjs').Tally} tally @param {number | null} code
 */
const honestTally = (tally, code) =>
  code !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally;

/** @param {string} name @param {string} why @returns {Outcome} */
export const notRun = (name, why) => ({
  name,
  verdict: 'skipped',
  tally: { ...emptyTally(), skipped: 1 },
  tookMs: 0,
  aloud: [`SKIPPED: ${why}`],
  output: '',
});
