/**
 * `npm test`: everything that CI asks, in one command. All steps are run though one fails; the last line is
 * `N passed, N failed` (and `, N skipped`). Words after `npm test --` choose steps: `npm test -- lint unit`.
 */
import './require-node.mjs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { paintFor, seconds } from './launcher/summary.mjs';
import { notRun, runStep } from './test-run/run-step.mjs';
import { stepsOf } from './test-run/steps.mjs';
import { addTallies, closingLine, emptyTally } from './test-run/tally.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const paint = paintFor(process.stdout);
const say = (/** @type {string} */ text) => void process.stdout.write(`${text}\n`);

const steps = stepsOf(root, process.env['PATH']);
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !steps.some((step) => step.name === name));
if (unknown.length > 0) {
  const names = steps.map(({ name }) => name).join(', ');
  process.stderr.write(`There is no step "${unknown.join('", "')}"; steps are ${names}.\n`);
  process.exit(2);
}

const stop = new AbortController();
for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
  process.once(name, () => stop.abort());

const marks = /** @type {const} */ ({
  passed: ['green', '✔'],
  failed: ['red', '✖'],
  skipped: ['yellow', '○'],
});

/** @param {import('./test-run/run-step.mjs').Outcome} outcome */
const row = ({ name, verdict, tally, tookMs }) => {
  const [style, mark] = marks[verdict];
  const counts = tally.passed + tally.skipped > 0 || tally.failed > 1 ? closingLine(tally) : '';
  const took = verdict === 'skipped' ? '' : seconds(tookMs);
  return `  ${paint(style, mark)} ${name.padEnd(8)}${took.padStart(8)}   ${counts}`.trimEnd();
};

/** What went well is left out, and the end of a long output tells what failed. @param {string} output */
const shown = (output) => {
  const linesMax = 1500;
  // Node's runner tells the failures once more after everything that went well.
  const lines = output
    .slice(Math.max(0, output.indexOf('\n✖ failing tests:')))
    .split('\n')
    .filter((line) => !/^\s*PASS /.test(line));
  const rest = lines.length - linesMax;
  return (rest > 0 ? [`… ${rest} lines before these …`, ...lines.slice(-linesMax)] : lines)
    .map((line) => `    ${line}`)
    .join('\n');
};

/** @type {import('./test-run/run-step.mjs').Outcome[]} */
const outcomes = [];

/** @param {import('./test-run/steps.mjs').Step} step */
const outcomeOf = async (step) => {
  const basis = outcomes.find(({ name }) => name === step.needs);
  if (basis?.verdict === 'failed')
    return notRun(step.name, `${step.what}: the step ${basis.name} failed`);
  say(paint('dim', `▸ ${step.what} …`));
  return runStep(step, { root, env: process.env, signal: stop.signal });
};

for (const step of steps) {
  if (stop.signal.aborted) break;
  if (wanted.length > 0 && !wanted.includes(step.name)) continue;
  const outcome = await outcomeOf(step);
  outcomes.push(outcome);
  if (outcome.verdict === 'failed') say(shown(outcome.output));
  say(row(outcome));
  for (const line of outcome.aloud) say(`      ${paint('yellow', line)}`);
}

const total = outcomes.map(({ tally }) => tally).reduce(addTallies, emptyTally());
const closing = stop.signal.aborted ? { ...total, failed: Math.max(1, total.failed) } : total;
const tookMs = outcomes.reduce((sum, outcome) => sum + outcome.tookMs, 0);
say(`\n${outcomes.map(row).join('\n')}\n`);
say(paint('dim', `  ${seconds(tookMs)} in all; every step's whole output: var/test/`));
if (stop.signal.aborted) say('  Stopped before the end.');
say(`\n${closingLine(closing)}`);
process.exitCode = closing.failed > 0 ? 1 : 0;
