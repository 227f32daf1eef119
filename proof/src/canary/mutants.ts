import type { Patch } from '../mutants/mutant.ts';

/** A fault planted in the verdict. It must be found by the simulation of this scenario, or by that spec of the verdict. */
export interface CanaryMutant {
  readonly name: string;
  readonly patches: readonly Patch[];
  readonly foundBy: 'specs judge' | 'specs properties' | `sim ${string}`;
}

const patch = (file: string, find: string, replace: string): Patch => ({
  file: `libs/canary/src/verdict/${file}.ts`,
  find,
  replace,
});

const exposure = 'const exposed = calls.canary / (calls.canary + calls.baseline);';
const everyOperation = 'for (const { baseline, canary } of Object.values(operations)) {';
const callsNeeded = 'if (!isTried(findings)) return false;';
const baselineNeeded = 'if (calls.baseline === 0) return false;';

export const canaryMutants: readonly CanaryMutant[] = [
  {
    name: 'p0 taken as one half, not from the exposures',
    foundBy: 'sim healthy',
    patches: [patch('two-arms', exposure, 'const exposed = 0.5;')],
  },
  {
    name: 'operations thrown together, not compared each for itself',
    foundBy: 'specs properties',
    patches: [
      patch(
        'two-arms',
        everyOperation,
        `const sum = (arm: 'baseline' | 'canary') => Object.values(operations).reduce((all, arms) => ({ ok: all.ok + arms[arm].ok, auth: all.auth + arms[arm].auth, params: all.params + arms[arm].params, server: all.server + arms[arm].server }), { ok: 0, auth: 0, params: 0, server: 0 });
        for (const { baseline, canary } of [{ baseline: sum('baseline'), canary: sum('canary') }]) {`,
      ),
    ],
  },
  {
    name: 'an operation of one arm alone is compared with nothing',
    foundBy: 'specs properties',
    patches: [patch('two-arms', 'if (calls.baseline === 0 || calls.canary === 0) continue;', '')],
  },
  {
    name: 'only the first clock: worse since the start',
    foundBy: 'specs judge',
    patches: [patch('clocks', 'return (first + second) / 2;', 'return first;')],
  },
  {
    name: 'the second clock never starts anew',
    foundBy: 'specs judge',
    patches: [
      patch(
        'clocks',
        'lnOnePlusExp(money + increments[group][guess]!),',
        'money + increments[group][guess]!,',
      ),
    ],
  },
  {
    name: 'each group has the whole α',
    foundBy: 'specs judge',
    patches: [patch('clocks', 'JUDGED_GROUPS / alpha', '1 / alpha')],
  },
  {
    name: 'a hold does not stop the clock',
    foundBy: 'sim outage',
    patches: [patch('judge', '(hold ? 0 : 1)', '1')],
  },
  {
    name: 'a hold ends with the first clean minute',
    foundBy: 'specs judge',
    patches: [patch('hold', 'const CLEAN_MINUTES = 2;', 'const CLEAN_MINUTES = 1;')],
  },
  {
    name: 'an outage counts for what the stage is passed by',
    foundBy: 'specs judge',
    patches: [patch('judge', 'operations: hold ? tally :', 'operations:')],
  },
  {
    name: 'a refused key of both arms is the canary’s fault',
    foundBy: 'sim key-revoked-remembered',
    patches: [
      patch('judge', 'baseline.auth > callsOf(baseline) / 2', 'false'),
      patch('tally', '(minute.canary.auth > 0 ? 0 : before.baselineOk)', 'before.baselineOk'),
    ],
  },
  {
    name: 'a hold may go on for ever',
    foundBy: 'specs judge',
    patches: [patch('decide', 'state.hold.minutes > plan.holdMaxMinutes', 'false')],
  },
  {
    name: 'no data passes',
    foundBy: 'sim no-traffic',
    patches: [
      patch('judge', "isEmpty(counts) ? 'no-data' : undefined", 'undefined'),
      patch('decide', callsNeeded, `if (calls.canary > 0 && !isTried(findings)) return false;`),
      patch('decide', baselineNeeded, ''),
      patch('decide', '(upperBound !== undefined && upperBound <= worseMax)', 'true'),
    ],
  },
  {
    name: 'no data, and the clock goes on',
    foundBy: 'specs judge',
    patches: [patch('judge', "isEmpty(counts) ? 'no-data' : undefined", 'undefined')],
  },
  {
    name: 'calls needed by a stage ignored',
    foundBy: 'sim hardly-any',
    patches: [patch('decide', callsNeeded, '')],
  },
  {
    name: 'what the store answered counts as tried',
    foundBy: 'specs judge',
    patches: [patch('decide', 'Math.min(calls.canary, state.stageSent)', 'calls.canary')],
  },
  {
    name: 'goes forward without a baseline to compare with',
    foundBy: 'specs judge',
    patches: [patch('decide', baselineNeeded, '')],
  },
  {
    name: 'the bound on the wrong side of the difference',
    foundBy: 'specs judge',
    patches: [patch('bound', 'riskDifference + Z * error', 'riskDifference - Z * error')],
  },
  {
    name: 'no rule of three: no error in few calls is as good as none in many',
    foundBy: 'specs judge',
    patches: [patch('bound', 'const least = 3 /', 'const least = 0 /')],
  },
  {
    name: 'a leak of the baseline sends the canary back',
    foundBy: 'sim baseline-leak',
    patches: [
      patch('requests', 'unpaid.canary > SLACK', 'unpaid.canary + unpaid.baseline > SLACK'),
    ],
  },
  {
    name: '429 held against the arm it hit',
    foundBy: 'sim foreign-use',
    patches: [patch('requests', '|| overLimit', '|| counts.requests.canary.throttled > 2')],
  },
  {
    name: 'a leak is looked for within a minute only',
    foundBy: 'sim canary-leak',
    patches: [patch('requests', 'before.unpaid[arm] + sent', 'sent')],
  },
  {
    name: 'hard stop although the baseline is refused as well',
    foundBy: 'sim route-gone',
    patches: [patch('hard-stop', 'of.refused.baseline === 0 && of.baselineOk > 0', 'true')],
  },
  {
    name: 'hard stop at three refusals ever, not in a row',
    foundBy: 'specs judge',
    patches: [patch('tally', 'minute[arm].ok > 0 ? 0 :', 'false ? 0 :')],
  },
  {
    name: 'one arm alone is scored during an outage',
    foundBy: 'sim single-outage',
    patches: [patch('judge', "failTogether(counts) ? (['server'] as const) : []", '[]')],
  },
  {
    name: 'once promoted, a flaky vendor is held against the canary',
    foundBy: 'specs judge',
    patches: [patch('single-arm', 'const SEEN_MARGIN = 1.5;', 'const SEEN_MARGIN = 0;')],
  },
];

export const mutantNamed = (number: number): CanaryMutant => {
  const mutant = canaryMutants[number];
  if (!mutant) throw new RangeError(`there is no mutant ${number}`);
  return mutant;
};
