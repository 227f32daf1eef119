import { describe, expect, it } from '@jest/globals';
import { beginVerdict, enterArmed, enterStage, goOn, type VerdictState } from './state.ts';
import {
  judgeAll,
  minuteOf,
  type Calls,
  operation,
  requestsOf,
  shortPlan,
  times,
} from './testing/minutes.ts';
import type { Decision } from './decision.ts';
import { defaultPlan } from './plan.ts';
import type { MinuteCounts } from '../ledger/minute-counts.ts';
import { judge } from './judge.ts';

const begin = beginVerdict(shortPlan);
const second = enterStage(begin, 1);
const good = minuteOf({ ok: 100 }, { ok: 20 });
const goodHalf = minuteOf({ ok: 100 }, { ok: 100 });

const decisions = (from: VerdictState, minutes: readonly MinuteCounts[]): readonly Decision[] =>
  judgeAll(shortPlan, from, minutes).map(({ decision }) => decision);
const last = (from: VerdictState, minutes: readonly MinuteCounts[]) =>
  judgeAll(shortPlan, from, minutes).at(-1)!;

describe('the way forward', () => {
  it('is open when the dwell time is over, and the advice is repeated until it is followed', () => {
    const forward = { kind: 'advance', stage: 1, share: 50 };
    expect(decisions(begin, times(4, good))).toEqual([
      { kind: 'continue' },
      { kind: 'continue' },
      forward,
      forward,
    ]);
  });

  it('leads from the last stage to the promotion, and from there to the end', () => {
    const promoted = last(second, times(5, goodHalf));
    expect(promoted.decision).toEqual({ kind: 'promote' });
    const watched = judgeAll(
      shortPlan,
      enterArmed(promoted.state),
      times(30, minuteOf({}, { ok: 200 })),
    );
    expect(watched[28]!.decision).toEqual({ kind: 'continue' });
    expect(watched[29]!.decision).toEqual({ kind: 'finished' });
    expect(watched[29]!.evidence.stage).toBe(2);
  });

  it('is shut below the calls a stage needs, however long it lasts, and then a person is asked', () => {
    const few = minuteOf({ ok: 100 }, { ok: 3 });
    const told = decisions(begin, times(9, few));
    expect(told.slice(0, 8)).toEqual(times(8, { kind: 'continue' }));
    expect(told[8]).toEqual({ kind: 'inconclusive', reason: 'too-few-calls' });
  });

  it('is shut while the bound says that it may be too much worse', () => {
    const few = minuteOf({ ok: 20 }, { ok: 20 });
    // 3 / 60 is just not more than the 5 % allowed; the calls needed are there from the fifth minute on.
    const doubtful = minuteOf({ ok: 19, server: 1 }, { ok: 18, server: 2 });
    expect(last(second, times(5, few)).decision).toEqual({ kind: 'promote' });
    expect(last(second, times(5, doubtful)).decision).toEqual({ kind: 'continue' });
    expect(last(second, times(15, doubtful)).decision).toEqual({
      kind: 'inconclusive',
      reason: 'not-shown',
    });
  });

  it('is shut while few calls without an error could hide that much', () => {
    const [first, strict] = [shortPlan.stages[0]!, { ...shortPlan.stages[1]!, worseMax: 0.02 }];
    const plan = { ...shortPlan, stages: [first, strict] };
    const told = judgeAll(plan, second, times(8, minuteOf({ ok: 20 }, { ok: 20 })));
    expect(told.map(({ decision: { kind } }) => kind)).toEqual([
      ...times(7, 'continue'),
      'promote',
    ]);
    expect(told[7]!.evidence.upperBound).toBe(3 / 160);
  });

  it('is shut without a baseline to compare with', () => {
    expect(last(begin, times(3, minuteOf({}, { ok: 50 }))).decision).toEqual({ kind: 'continue' });
  });

  it('is raised where there is little traffic, so that the next stage sees enough calls', () => {
    const plan = {
      ...shortPlan,
      stages: [shortPlan.stages[0]!, { ...shortPlan.stages[1]!, share: 20, callsMin: 50 }],
    };
    const { decision } = judgeAll(plan, begin, times(3, minuteOf({ ok: 15 }, { ok: 10 }))).at(-1)!;
    expect(decision).toEqual({ kind: 'advance', stage: 1, share: 40 });
  });
});

describe('no data', () => {
  it('is never a pass: the clock stands, and after half an hour a person is asked', () => {
    const nothing = minuteOf({}, {});
    const told = judgeAll(shortPlan, begin, times(31, nothing));
    expect(told[29]!.decision).toEqual({ kind: 'hold', reason: 'no-data' });
    expect(told[29]!.evidence.stageMinutes).toBe(0);
    expect(told[30]!.decision).toEqual({ kind: 'inconclusive', reason: 'held-too-long' });
  });

  it('is what a minute has whose calls were all answered from the store', () => {
    const stored = { ...good, requests: requestsOf({}, {}) };
    expect(last(begin, times(3, stored)).decision).toEqual({ kind: 'hold', reason: 'no-data' });
  });

  it('is what the store answered for the canary: a stage wants as many requests as calls', () => {
    const mostlyStored = {
      ...good,
      requests: requestsOf({ permits: 100, sent: 100 }, { permits: 2, sent: 2 }),
    };
    const told = decisions(begin, times(9, mostlyStored));
    expect(told.slice(0, 8)).toEqual(times(8, { kind: 'continue' }));
    expect(told[8]).toEqual({ kind: 'inconclusive', reason: 'too-few-calls' });
  });

  it('holds a promoted canary as well', () => {
    const nothing = minuteOf({}, {});
    expect(decisions(enterArmed(begin), times(30, nothing)).at(-1)).toEqual({
      kind: 'hold',
      reason: 'no-data',
    });
  });
});

describe('a hold', () => {
  const sick = minuteOf({ ok: 70, server: 30 }, { ok: 14, server: 6 });

  it('stops the clock while the vendor is unwell, and until two clean minutes have passed', () => {
    const told = judgeAll(shortPlan, begin, [good, sick, sick, good, good]);
    expect(told.map(({ decision: { kind } }) => kind)).toEqual([
      'continue',
      'hold',
      'hold',
      'hold',
      'continue',
    ]);
    expect(told[1]!.decision).toEqual({ kind: 'hold', reason: 'vendor-trouble' });
    expect(told.at(-1)!.evidence.stageMinutes).toBe(2);
  });

  it('never goes forward, although all else is there', () => {
    expect(decisions(begin, [good, good, sick, good])).toContainEqual({
      kind: 'hold',
      reason: 'vendor-trouble',
    });
    expect(last(begin, [good, good, sick, good]).decision.kind).toBe('hold');
  });

  it('leaves what happened in it out of what the stage is passed by', () => {
    const halfSick = minuteOf({ ok: 50, server: 50 }, { ok: 40, server: 60 });
    const told = judgeAll(shortPlan, second, [...times(4, goodHalf), ...times(3, halfSick)]);
    expect(told.at(-1)!.evidence.calls).toEqual({ baseline: 400, canary: 400 });
    const over = judgeAll(shortPlan, told.at(-1)!.state, times(2, goodHalf)).at(-1)!;
    expect(over.decision).toEqual({ kind: 'promote' });
    expect(over.evidence.riskDifference).toBe(0);
  });

  it('asks a person in the end; "go on" begins every limit of time anew', () => {
    const asked = last(begin, times(31, sick));
    expect(asked.decision).toEqual({ kind: 'inconclusive', reason: 'held-too-long' });
    expect(last(asked.state, times(5, good)).decision.kind).toBe('inconclusive');
    expect(decisions(goOn(asked.state), [sick, good, good]).map(({ kind }) => kind)).toEqual([
      'hold',
      'hold',
      'continue',
    ]);
  });

  it('lets a canary that is worse go back all the same', () => {
    const worse = minuteOf({ ok: 70, server: 30 }, { server: 20 });
    expect(last(begin, times(3, worse)).decision).toEqual({
      kind: 'rollback',
      reason: 'worse:server',
      operation,
    });
  });
});

describe('time', () => {
  it('is limited for the whole run', () => {
    const plan = { ...shortPlan, inconclusiveAfterMinutes: 5 };
    const told = judgeAll(plan, begin, times(5, minuteOf({ ok: 50 }, { ok: 1 })));
    expect(told[3]!.decision).toEqual({ kind: 'continue' });
    expect(told[4]!.decision).toEqual({ kind: 'inconclusive', reason: 'too-long' });
  });
});

describe('a canary that is worse', () => {
  it.each(['auth', 'params', 'server'] as const)('goes back for %s', (group) => {
    const minute = minuteOf({ ok: 200 }, { ok: 10, [group]: 10 });
    const { decision, evidence } = last(begin, [minute]);
    expect(decision).toEqual({ kind: 'rollback', reason: `worse:${group}`, operation });
    expect(evidence.e[group]).toBeGreaterThanOrEqual(evidence.threshold);
    expect(evidence.threshold).toBe(400);
  });

  it('goes back for a fault that comes late, as if it had just begun', () => {
    const late = minuteOf({ ok: 100 }, { ok: 80, server: 20 });
    const told = judgeAll(shortPlan, second, [
      ...times(60, minuteOf({ ok: 97, server: 3 }, { ok: 97, server: 3 })),
      late,
      late,
    ]);
    expect(told.at(-1)!.decision).toMatchObject({ kind: 'rollback', reason: 'worse:server' });
  });

  it('is not the one that fails beside a baseline that fails as often', () => {
    const both = minuteOf({ ok: 90, auth: 10 }, { ok: 90, auth: 10 });
    expect(last(second, times(100, both)).evidence.e.auth).toBeLessThan(1);
  });

  it('is judged after the promotion by budgets, which a vendor that was flaky before has raised', () => {
    const flaky = minuteOf({ ok: 96, server: 4 }, { ok: 96, server: 4 });
    const promoted = enterArmed(last(second, times(20, flaky)).state);
    const alone = minuteOf({}, { ok: 192, server: 8 });
    expect(last(promoted, times(29, alone)).decision.kind).toBe('continue');
    expect(last(enterArmed(second), times(29, alone)).decision).toMatchObject({
      reason: 'worse:server',
    });
    // Also where far more fails for everybody, and a canary that then gets worse is still found.
    const broken = minuteOf({ ok: 88, params: 12 }, { ok: 88, params: 12 });
    const known = enterArmed(last(second, times(20, broken)).state);
    const twelfth = minuteOf({}, { ok: 176, params: 24 });
    expect(last(known, times(29, twelfth)).decision.kind).toBe('continue');
    const third = minuteOf({}, { ok: 134, params: 66 });
    expect(last(known, times(5, third)).decision).toMatchObject({ reason: 'worse:params' });
  });
});

describe('hard stop', () => {
  // So few of the baseline that the e-process would need more.
  const refused = minuteOf({ ok: 3 }, { auth: 1 });

  it('sends a canary back that one route refuses three times in a row, and names it', () => {
    expect(decisions(begin, times(3, refused))).toEqual([
      { kind: 'continue' },
      { kind: 'continue' },
      { kind: 'rollback', reason: 'hard-stop', operation },
    ]);
  });

  it('does not when there was a success between', () => {
    const between = [refused, refused, minuteOf({ ok: 3 }, { ok: 1 }), refused, refused];
    expect(decisions(begin, between)).toEqual(times(5, { kind: 'continue' }));
  });

  it('holds when the baseline is refused there as well, from the moment it is', () => {
    const gone = minuteOf({ auth: 9 }, { auth: 1 });
    expect(last(begin, [...times(20, good), refused, gone, gone]).decision).toEqual({
      kind: 'hold',
      reason: 'both-arms-refused',
    });
  });

  it('holds when the baseline is refused by and large, though on other operations', () => {
    const of = (baseline: Calls, canary: Calls) =>
      minuteOf(baseline, canary).operations[operation]!;
    // The key was revoked within the first minute; then one call of the baseline finds it out anew each minute.
    const [first, then] = [
      { 'futures/other': of({ ok: 30 }, { ok: 3 }), [operation]: of({ ok: 30 }, { auth: 1 }) },
      { 'futures/other': of({ auth: 1 }, {}), [operation]: of({}, { auth: 1 }) },
    ].map((operations) => ({ ...good, operations }));
    expect(decisions(begin, [first!, then!, then!, then!]).slice(1)).toEqual(
      times(3, { kind: 'hold', reason: 'both-arms-refused' }),
    );
  });

  it('waits for a success of the baseline that is not older than the refusals', () => {
    const quiet = minuteOf({}, { auth: 1 });
    expect(decisions(begin, [refused, quiet, quiet, minuteOf({ ok: 1 }, {})])).toEqual([
      ...times(3, { kind: 'continue' }),
      { kind: 'rollback', reason: 'hard-stop', operation },
    ]);
  });

  it('waits while the baseline has not tried', () => {
    expect(last(begin, times(3, minuteOf({}, { auth: 1 }))).decision).toEqual({ kind: 'continue' });
  });

  it('switches a route off that may be, instead of going back, and judges it no more', () => {
    const plan = { ...shortPlan, mayDisable: [operation] };
    const stopped = judgeAll(plan, begin, times(3, refused)).at(-1)!;
    expect(stopped.decision).toEqual({ kind: 'disable-endpoint', operation });
    const after = judge(plan, stopped.state, minuteOf({ ok: 50 }, { auth: 50 }));
    expect(after.decision).toEqual({ kind: 'hold', reason: 'no-data' });
    expect(after.evidence.e.auth).toBeLessThanOrEqual(1);
  });

  it('goes back if another route refuses as well', () => {
    const plan = { ...shortPlan, mayDisable: [operation] };
    const other = { ...minuteOf({ ok: 50 }, { ok: 9, auth: 1 }).operations[operation]! };
    const minute = { ...refused, operations: { ...refused.operations, 'futures/other': other } };
    expect(judgeAll(plan, begin, times(3, minute)).at(-1)!.decision).toMatchObject({
      kind: 'rollback',
    });
  });
});

describe('requests that the vendor throttled', () => {
  const throttled = { permits: 100, sent: 100, throttled: 5 };
  const paid = { permits: 20, sent: 20 };
  const within = (requests: MinuteCounts['requests'], used?: number): MinuteCounts => ({
    ...good,
    requests,
    vendor: used === undefined ? {} : { used },
    limitInForce: 250,
  });

  it('send the canary back when it sends without permits, though the refusals hit the baseline', () => {
    const leak = within(requestsOf(throttled, { permits: 20, sent: 32 }));
    expect(decisions(begin, [leak])).toEqual([{ kind: 'rollback', reason: 'quota-overrun' }]);
  });

  it('are found in a small leak that no single minute shows', () => {
    const drop = within(requestsOf({}, { permits: 2, sent: 3 }));
    expect(last(begin, times(10, drop)).decision.kind).not.toBe('rollback');
    expect(last(begin, times(11, drop)).decision).toEqual({
      kind: 'rollback',
      reason: 'quota-overrun',
    });
  });

  it('send the canary back when it was granted more than the limit, but not the minute it is lowered', () => {
    const granted = requestsOf({}, { permits: 120, sent: 120 });
    const lowered = { ...within(granted), limitInForce: 60 };
    expect(decisions(begin, [within(granted), lowered, lowered]).map(({ kind }) => kind)).toEqual([
      'continue',
      'continue',
      'rollback',
    ]);
  });

  it.each([
    ['quota:baseline', within(requestsOf({ permits: 100, sent: 150, throttled: 20 }, paid))],
    ['quota:foreign', within(requestsOf(throttled, paid), 140)],
    ['quota:limit', within(requestsOf(throttled, paid), 125)],
  ] as const)('hold as %s otherwise', (reason, minute) => {
    expect(decisions(begin, [minute])).toEqual([{ kind: 'hold', reason }]);
  });

  it('hold nothing when there was one', () => {
    const one = within(requestsOf({ permits: 100, sent: 100 }, { ...paid, throttled: 1 }));
    expect(decisions(begin, [one])).toEqual([{ kind: 'continue' }]);
  });
});

describe('one arm alone', () => {
  const plan = defaultPlan('single-arm');
  const alone = beginVerdict(plan);
  const ofAll = (calls: Record<string, number>, operations = 12): MinuteCounts => ({
    ...minuteOf({}, {}),
    operations: Object.fromEntries(
      Array.from({ length: operations }, (_, n) => [
        `futures/operation-${n}/history`,
        minuteOf(calls, {}).operations[operation]!,
      ]),
    ),
    requests: requestsOf({ permits: 100, sent: 100 }, {}),
  });

  it('is judged whichever it is, and goes forward by shares of the limit', () => {
    const told = judgeAll(plan, alone, times(15, ofAll({ ok: 2 }))).at(-1)!;
    expect(told.decision).toEqual({ kind: 'advance', stage: 1, share: 50 });
    expect(told.evidence.calls).toEqual({ baseline: 0, canary: 360 });
  });

  it('goes back when it is refused', () => {
    expect(judge(plan, alone, ofAll({ auth: 2 })).decision).toMatchObject({ reason: 'worse:auth' });
  });

  it('holds, and is not scored, when unrelated operations fail together', () => {
    const told = judge(plan, alone, ofAll({ ok: 1, server: 1 }));
    expect(told.decision).toEqual({ kind: 'hold', reason: 'vendor-trouble' });
    expect(told.evidence.e.server).toBeCloseTo(1);
  });

  it('goes back when few operations fail, be it together', () => {
    expect(judge(plan, alone, ofAll({ ok: 5, server: 5 }, 3)).decision).toMatchObject({
      reason: 'worse:server',
    });
  });

  it('goes back for throttled requests that nobody else caused', () => {
    const mine = (used: number): MinuteCounts => ({
      ...ofAll({ ok: 8 }),
      requests: requestsOf({ permits: 100, sent: 100, throttled: 10 }, {}),
      vendor: { used },
    });
    expect(judgeAll(plan, alone, times(2, mine(100))).at(-1)!.decision).toEqual({
      kind: 'rollback',
      reason: 'worse:throttled',
    });
    expect(judgeAll(plan, alone, times(9, mine(200))).at(-1)!.decision).toEqual({
      kind: 'hold',
      reason: 'quota:foreign',
    });
  });
});
