import { stripVTControlCharacters } from 'node:util';

/**
 * Counts tests in what the runners print. Nx replays the output of a cached task word for word, so the counts are there
 * on the second run, too.
 *
 * @typedef {{ passed: number, failed: number, skipped: number }} Tally
 */

/** @returns {Tally} */
export const emptyTally = () => ({ passed: 0, failed: 0, skipped: 0 });

/** @param {Tally} one @param {Tally} other @returns {Tally} */
export const addTallies = (one, other) => ({
  passed: one.passed + other.passed,
  failed: one.failed + other.failed,
  skipped: one.skipped + other.skipped,
});

/** `1 failed, 2 skipped, 3 passed, 6 total` by word. @param {string} list @param {string} word */
const count = (list, word) => Number(new RegExp(`(\\d+) ${word}`).exec(list)?.[1] ?? 0);

/**
 * Jest prints a pair of lines per project. A suite that cannot even be loaded has no failed test, and counts as one.
 * @param {string} text @returns {Tally}
 */
const jestTally = (text) => {
  let tally = emptyTally();
  for (const [, suites = '', tests = ''] of text.matchAll(
    /^\s*Test Suites:\s+(.+)\n\s*Tests:\s+(.+)$/gm,
  )) {
    const failed = count(tests, 'failed');
    tally = addTallies(tally, {
      passed: count(tests, 'passed'),
      failed: failed > 0 ? failed : count(suites, 'failed'),
      skipped: count(tests, 'skipped') + count(tests, 'todo'),
    });
  }
  return tally;
};

/** Node's own runner: one line per number. @param {string} text @returns {Tally} */
const nodeTally = (text) => {
  const sum = (/** @type {string} */ word) =>
    [...text.matchAll(new RegExp(`^(?:ℹ|#) ${word} (\\d+)$`, 'gm'))].reduce(
      (total, [, number]) => total + Number(number),
      0,
    );
  return {
    passed: sum('pass'),
    failed: sum('fail') + sum('cancelled'),
    skipped: sum('skipped') + sum('todo'),
  };
};

/** @param {string} output of any runner we use @returns {Tally} */
export const tallyOf = (output) => {
  const text = stripVTControlCharacters(output);
  return addTallies(jestTally(text), nodeTally(text));
};

/** Lines in which a test says aloud that something was not run. @param {string} output */
export const skippedAloud = (output) => [
  ...new Set(
    stripVTControlCharacters(output)
      .split('\n')
      .map((line) => /\bSKIPPED: .*$/.exec(line)?.[0].trim())
      .filter((line) => line !== undefined),
  ),
];

/** The last line of a run, in the form that machines read. @param {Tally} tally */
export const closingLine = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
