import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { armNames } from '../arm.ts';
import { errorGroups, type CallCounts, type MinuteCounts } from '../ledger/minute-counts.ts';
import { evidenceGroups } from './decision.ts';
import { explain } from './explain.ts';
import { judge } from './judge.ts';
import { defaultPlan } from './plan.ts';
import { beginVerdict, enterArmed, enterStage, goOn } from './state.ts';
import { judgeAll, minuteOf } from './testing/minutes.ts';
import { twoArmIncrements } from './two-arms.ts';

const plan = defaultPlan('two-arm');
const callCounts: fc.Arbitrary<CallCounts> = fc.record({
  ok: fc.nat(300),
  auth: fc.nat(20),
  params: fc.nat(20),
  server: fc.nat(20),
});
const arms = fc.record({ baseline: callCounts, canary: callCounts });
const names = fc.constantFrom('a/b/c', 'a/b/d', 'e/f', 'constructor', 'toString', '1');
const operations = fc.dictionary(names, arms);
const ledger = fc.record({ permits: fc.nat(400), sent: fc.nat(400), throttled: fc.nat(400) });

const minute: fc.Arbitrary<MinuteCounts> = fc.record(
  {
    at: fc.nat(),
    operations: fc.dictionary(
      names,
      fc.record({ baseline: callCounts, canary: callCounts }, { requiredKeys: [] }),
    ),
    requests: fc.record({ baseline: ledger, canary: ledger }, { requiredKeys: [] }),
    vendor: fc.record({ used: fc.nat(500), limit: fc.nat(500) }, { requiredKeys: [] }),
    limitInForce: fc.nat(300),
    traces: fc.array(
      fc.record({
        operation: names,
        arm: fc.constantFrom(...armNames),
        group: fc.constantFrom(...errorGroups, 'throttled' as const),
        traceId: fc.string(),
      }),
    ),
  },
  { requiredKeys: ['at', 'operations', 'requests', 'vendor', 'traces'] },
) as fc.Arbitrary<MinuteCounts>;

it('judges whatever counts it is told, from any state, as JSON and without throwing', () => {
  const begins = fc.constantFrom(
    beginVerdict(plan),
    enterStage(beginVerdict(plan), 3),
    enterArmed(beginVerdict(plan)),
    beginVerdict({ ...plan, mode: 'single-arm' }),
    beginVerdict({ ...plan, mode: 'single-arm' }),
  );
  fc.assert(
    fc.property(begins, fc.array(minute, { maxLength: 12 }), (begin, minutes) => {
      const mode = begin.rule;
      for (const { state, decision, evidence } of judgeAll(
        { ...plan, mode, mayDisable: ['e/f'] },
        begin,
        minutes,
      )) {
        expect(JSON.parse(JSON.stringify({ state, decision, evidence }))).toEqual({
          state,
          decision,
          evidence,
        });
        expect(goOn(state).asked).toBeUndefined();
        expect(explain(decision, evidence).join(' ')).not.toMatch(/undefined|NaN/);
        for (const group of evidenceGroups) expect(evidence.e[group]).toBeGreaterThanOrEqual(0);
      }
    }),
  );
});

it('gives the same for the same: it changes nothing it was handed', () => {
  fc.assert(
    fc.property(fc.array(minute, { minLength: 1, maxLength: 5 }), (minutes) => {
      const frozen = JSON.stringify(minutes);
      const once = judgeAll(plan, beginVerdict(plan), minutes);
      expect(judgeAll(plan, beginVerdict(plan), minutes)).toEqual(once);
      expect(JSON.stringify(minutes)).toBe(frozen);
    }),
  );
});

it('learns exactly nothing from an operation that one arm alone has called', () => {
  fc.assert(
    fc.property(operations, callCounts, fc.constantFrom(...armNames), (others, calls, arm) => {
      const none = { ok: 0, auth: 0, params: 0, server: 0 };
      const alone = { baseline: none, canary: none, [arm]: calls };
      expect(twoArmIncrements({ ...others, alone })).toEqual(twoArmIncrements(others));
    }),
  );
});

it('does not care in which order operations are told', () => {
  fc.assert(
    fc.property(operations, (told) => {
      const turned = Object.fromEntries(Object.entries(told).reverse());
      const minuteWith = (each: MinuteCounts['operations']) => ({
        ...minuteOf({}, {}),
        operations: each,
      });
      const [one, other] = [told, turned].map((each) =>
        judge(plan, beginVerdict(plan), minuteWith(each)),
      );
      expect(other!.decision).toEqual(one!.decision);
      for (const group of evidenceGroups)
        expect(Math.log(other!.evidence.e[group])).toBeCloseTo(Math.log(one!.evidence.e[group]), 9);
      expect(other!.evidence.riskDifference ?? 0).toBeCloseTo(one!.evidence.riskDifference ?? 0, 9);
    }),
  );
});

/** Uniform in [0, 1), the same at every run. */
const fromSeed = (seed: number) => {
  let state = seed;
  return (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
};

const drawn = (calls: number, rate: number, random: () => number): CallCounts => {
  let server = 0;
  for (let n = 0; n < calls; n++) if (random() < rate) server++;
  return { ok: calls - server, auth: 0, params: 0, server };
};

it('does not roll back when the errors of both arms grow together, in 99 of 100 runs at least', () => {
  const random = fromSeed(7);
  let crossed = 0;
  const runs = 400;
  for (let run = 0; run < runs; run++) {
    const share = [0.01, 0.1, 0.5, 0.8][run % 4]!;
    let state = beginVerdict(plan);
    let highest = 0;
    for (let at = 0; at < 60; at++) {
      // From hardly any to half of all calls, within one run.
      const rate = 0.005 * 1.08 ** at;
      const canary = Math.max(1, Math.round(240 * share));
      const judged = judge(
        plan,
        state,
        minuteOf(drawn(240 - canary, rate, random), drawn(canary, rate, random)),
      );
      state = judged.state;
      highest = Math.max(highest, ...evidenceGroups.map((group) => judged.evidence.e[group]));
    }
    if (highest >= 400) crossed++;
  }
  // One in a hundred of 400, and what chance may add to it.
  expect(crossed).toBeLessThanOrEqual(8);
});
