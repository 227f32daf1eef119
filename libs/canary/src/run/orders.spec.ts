import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { defaultPlan } from '../verdict/plan.ts';
import { applyOrder } from './orders.ts';
import { CanaryRefusal } from './refusal.ts';
import { orderNames, runStatuses, type CanaryRun, type OrderName } from './run.ts';
import { startRun, type StartFacts } from './start.ts';

const file = resolve(import.meta.dirname, '../../../../config/flags.json');
const document = JSON.parse(readFileSync(file, 'utf8')) as {
  flags: Record<string, { defaultVariant: string; targeting?: unknown }>;
};
const withFlag = (key: string, definition: object): StartFacts['flags'] => ({
  version: 7,
  document: {
    ...document,
    flags: { ...document.flags, [key]: { ...document.flags[key], ...definition } },
  },
});
const facts: StartFacts = {
  flags: { version: 7, document },
  arms: { fetchers: 2, options: ['retry'], digests: ['a'] },
};
const by = { by: 'alice', reason: 'because', at: 1_000 };
const begin = (
  current?: CanaryRun,
  found: Partial<StartFacts> = {},
  mode = defaultPlan('two-arm'),
) => startRun(current, mode, { ...facts, ...found }, by).run;

const split = {
  targeting: {
    fractional: [
      ['canary', 5],
      ['baseline', 95],
    ],
  },
};

describe('an order', () => {
  it('is taken in the statuses in which it makes sense, and refused in words in all others', () => {
    const taken: Record<string, string[]> = {};
    for (const order of orderNames.filter(
      (name): name is Exclude<OrderName, 'start'> => name !== 'start',
    )) {
      taken[order] = runStatuses.filter((status) => {
        try {
          applyOrder({ ...begin(), status }, order, by);
          return true;
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(CanaryRefusal);
          expect(String(thrown)).toMatch(/makes no sense: the run is [\w-]+\. \w+/);
          return false;
        }
      });
    }
    expect(taken).toEqual({
      pause: ['running', 'held'],
      resume: ['paused', 'inconclusive'],
      promote: ['running', 'held', 'paused', 'inconclusive'],
      rollback: ['running', 'held', 'paused', 'inconclusive', 'promoted'],
      clear: ['rolled-back'],
    });
    expect(() => applyOrder(undefined, 'pause', by)).toThrow('There is no run');
  });

  it('stands in the record and in the stream with who and why', () => {
    const { run, tick } = applyOrder(begin(), 'pause', by);
    expect(run.events.at(-1)).toMatchObject({ what: 'pause', by: 'alice', words: 'because' });
    expect(tick).toEqual({
      ...{ kind: 'order', order: 'pause', at: 1_000, by: 'alice', reason: 'because' },
      ...{ statusBefore: 'running', statusAfter: 'paused' },
    });
  });

  it('to go back means the baseline, or no requests at all where there is one arm', () => {
    expect(applyOrder(begin(), 'rollback', by).run.pending).toMatchObject({ share: 0 });
    const single = begin(undefined, {}, defaultPlan('single-arm'));
    expect(applyOrder(single, 'rollback', by).run.pending).toMatchObject({ egress: 'off' });
  });

  it('to go on after an inconclusive run is an answer to the verdict; a promoted one is watched again', () => {
    const run = begin();
    const asked: CanaryRun = {
      ...run,
      status: 'inconclusive',
      because: 'too-long',
      verdict: { ...run.verdict, asked: 'too-long', runMinutes: 200 },
    };
    const next = applyOrder(asked, 'resume', by).run;
    expect([next.status, next.because, next.verdict.asked]).toEqual([
      'running',
      undefined,
      undefined,
    ]);
    expect(next.verdict.limitsFrom.runMinutes).toBe(200);
    const paused = applyOrder({ ...asked, status: 'paused' }, 'resume', by).run;
    expect(paused.verdict.asked).toBeUndefined();
    const armed = { ...asked, verdict: { ...asked.verdict, armed: true } };
    expect(applyOrder(armed, 'resume', by).run.status).toBe('promoted');
  });

  it('to clear is taken once', () => {
    const back = applyOrder(begin(), 'rollback', by).run;
    const cleared = applyOrder(back, 'clear', by).run;
    expect(cleared.cleared).toEqual(by);
    expect(() => applyOrder(cleared, 'clear', by)).toThrow(/cleared by alice/);
  });
});

describe('a start', () => {
  const refused = (...given: Parameters<typeof begin>): string => {
    try {
      begin(...given);
    } catch (thrown) {
      return thrown instanceof CanaryRefusal ? thrown.message : String(thrown);
    }
    return '';
  };

  it('is refused beside a run, and while the last one is frozen', () => {
    for (const status of ['running', 'held', 'paused', 'inconclusive', 'promoted'] as const)
      expect(refused({ ...begin(), status })).toMatch(/is under way/);
    const back: CanaryRun = { ...begin(), status: 'rolled-back', because: 'worse:auth' };
    expect(refused(back)).toMatch(/worse:auth.*frozen.*clear it first/);
    for (const over of [
      { ...back, cleared: by },
      { ...begin(), status: 'finished' as const },
      { ...begin(), status: 'taken-over' as const },
    ])
      expect(begin(over).status).toBe('running');
  });

  it('is refused where nothing could be compared, with what to do first', () => {
    expect(refused(undefined, { arms: { ...facts.arms, fetchers: 0 } })).toMatch(/start a fetcher/);
    expect(
      refused(undefined, { flags: withFlag('coinglass.arm', { defaultVariant: 'canary' }) }),
    ).toMatch(/is canary for every call/);
    expect(refused(undefined, { flags: withFlag('coinglass.arm', split) })).toMatch(/by hand/);
    expect(
      refused(undefined, { flags: withFlag('vendor.egress.enabled', { defaultVariant: 'off' }) }),
    ).toMatch(/egress\.enabled is off/);
  });

  it('is refused with an operation that no flag could switch off', () => {
    const plan = { ...defaultPlan('two-arm'), mayDisable: ['futures/none'] };
    expect(refused(undefined, {}, plan)).toMatch(/mayDisable: .*endpoint\.futures\/none/);
  });

  it('of one arm alone switches requests on at its first share', () => {
    const off = withFlag('vendor.egress.enabled', { defaultVariant: 'off' });
    const { pending } = begin(undefined, { flags: off }, defaultPlan('single-arm'));
    expect(pending).toMatchObject({ share: 10, egress: 'on' });
    const on = begin(undefined, {}, defaultPlan('single-arm'));
    expect(on.pending).not.toHaveProperty('egress');
    const mixed = { flags: withFlag('coinglass.arm', split) };
    expect(refused(undefined, mixed, defaultPlan('single-arm'))).toMatch(/settle it first/);
  });

  it('warns of a canary that is the same client, and of fetchers that do not agree', () => {
    expect(begin().warnings).toEqual([]);
    const arms = { fetchers: 2, options: [], digests: ['a', 'b'] };
    expect(begin(undefined, { arms }).warnings).toEqual([
      expect.stringContaining('same client'),
      expect.stringContaining('2 different canaries'),
    ]);
  });
});
