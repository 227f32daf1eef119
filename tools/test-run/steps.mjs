import { join } from 'node:path';
import { nxScript } from '../launcher/build.mjs';
import { findRedisServer } from '../launcher/redis-choice.mjs';

/**
 * What `npm test` does, in order: the cheap and the general first.
 *
 * @typedef {object} Step
 * @property {string} name
 * @property {string} what shown while it runs
 * @property {readonly string[]} args for Node
 * @property {string} [needs] a step that must have passed before
 * @property {string} [leavesOut] what of it cannot be run here, and why
 */

/**
 * @param {string} root
 * @param {string | undefined} path the PATH variable
 * @returns {Step[]}
 */
export const stepsOf = (root, path) => {
  const nx = (/** @type {string[]} */ ...words) => [
    nxScript(root),
    ...words,
    '--output-style=static',
  ];
  const inModules = (/** @type {string} */ script) => join(root, 'node_modules', script);
  const redisServer = findRedisServer({ path });
  return [
    { name: 'lint', what: 'eslint .', args: [inModules('eslint/bin/eslint.js'), '.'] },
    {
      name: 'format',
      what: 'prettier --check .',
      args: [inModules('prettier/bin/prettier.cjs'), '--check', '--log-level=warn', '.'],
    },
    { name: 'build', what: 'build and types', args: nx('run-many', '-t', 'build') },
    {
      name: 'types',
      what: 'types of the tools',
      args: [inModules('tsc7/bin/tsc'), '-p', 'tools'],
      needs: 'build',
    },
    { name: 'unit', what: 'unit tests', args: nx('run-many', '-t', 'test', '--parallel=2') },
    {
      name: 'mutants',
      what: 'planted faults of the limiter, which the simulation must find',
      args: [join(root, 'proof/run.mjs'), 'mutants'],
    },
    {
      name: 'canary',
      what: 'simulated rollouts: what is rolled back, and what is not',
      args: [join(root, 'proof/run.mjs'), 'canary'],
    },
    {
      name: 'canary-mutants',
      what: 'planted faults of the verdict, which specs or simulation must find',
      args: [join(root, 'proof/run.mjs'), 'canary-mutants'],
    },
    {
      name: 'tools',
      what: 'tests of launcher and walls',
      args: ['--test', '--test-reporter=spec', '--test-timeout=60000', 'tools/**/*.test.mjs'],
      needs: 'build',
    },
    {
      name: 'e2e',
      what: 'end to end',
      args: nx('run', '@glasshouse/e2e:e2e', ...(redisServer === undefined ? ['stand-in'] : [])),
      needs: 'build',
      ...(redisServer === undefined
        ? {
            leavesOut:
              'end to end on a real Redis, only the stand-in is tried (no redis-server on the PATH: apt-get install redis-server)',
          }
        : {}),
    },
  ];
};
