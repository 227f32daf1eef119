import { expect, it } from '@jest/globals';
import { explain } from './explain.ts';
import { beginVerdict, enterStage } from './state.ts';
import { judgeAll, minuteOf, operation, requestsOf, shortPlan, times } from './testing/minutes.ts';

const begin = beginVerdict(shortPlan);
const told = (minutes: Parameters<typeof judgeAll>[2], from = begin): readonly string[] => {
  const { decision, evidence } = judgeAll(shortPlan, from, minutes).at(-1)!;
  return explain(decision, evidence);
};

it('says why a canary goes back, where it failed most, and what to look at', () => {
  const trace = { operation, arm: 'canary', group: 'server', traceId: '4bf9' } as const;
  const worse = minuteOf({ ok: 200 }, { ok: 10, server: 10 }, { traces: [trace] });
  expect(told([worse])).toEqual([
    'Calls of the canary failed with 5xx, a time-out or an unreadable answer more often than chance can explain: evidence 3.4e+7, enough is 400.',
    `Most often on ${operation}: 10 of 20 calls, the baseline 0 of 200, e.g. trace 4bf9.`,
  ]);
  expect(told(times(3, minuteOf({ ok: 3 }, { auth: 1 })))).toEqual([
    `${operation} refused the canary three times in a row and served the baseline.`,
  ]);
  const leak = requestsOf({}, { permits: 10, sent: 30 });
  expect(told([minuteOf({ ok: 9 }, { ok: 9 }, { requests: leak, limitInForce: 250 })])).toEqual([
    'The canary sends what it holds no permit for (last minute: 30 sent on 10 permits, limit 250).',
  ]);
});

it('says with how much a canary goes forward, and why it does not', () => {
  const good = minuteOf({ ok: 99, server: 1 }, { ok: 99, server: 1 });
  expect(told(times(5, good), enterStage(begin, 1))).toEqual([
    'Good enough for everything: 500 calls of the canary in 5 min of this stage. It is 0.00 % worse, at most 1.04 %.',
  ]);
  expect(told([minuteOf({}, {})])).toEqual([
    'No call ended in the last minute, and no data is never a pass. The run stands still until that is over.',
  ]);
  expect(told(times(9, minuteOf({ ok: 9 }, { ok: 1 })))[0]).toBe(
    'Nothing can be concluded, there were too few calls to tell: 9 calls of the canary in 9 min of this stage. It is 0.00 % worse, at most 33.33 %.',
  );
});
