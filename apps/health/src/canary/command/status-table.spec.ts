import { describe, expect, it } from '@jest/globals';
import { beginVerdict, judge, type CanaryPlan, type RunView } from '@glasshouse/canary';
import { counts, plan } from '../testing/canary-stage.ts';
import { renderStatus } from './status-table.ts';

const viewOf = (more: Partial<RunView> = {}, ofPlan: CanaryPlan = plan): RunView => ({
  ...{ id: 'r1', plan: ofPlan, status: 'running', stage: 1, share: 50, watched: true },
  ...{ words: 'Runs at 50 %.', reason: 'new retries', startedBy: 'ada', startedAt: 0 },
  ...{ arms: { fetchers: 1, options: ['retry'], digests: ['d'] }, warnings: [] },
  ...{ flagVersion: 3, events: [] },
  evidence: judge(
    ofPlan,
    { ...beginVerdict(ofPlan), stage: 1 },
    { at: 0, ...counts({ ok: 45, auth: 5 }, { ok: 50 }, { limitInForce: 250 }) },
  ).evidence,
  ...more,
});
const shown = (view: RunView, colour = false): string =>
  renderStatus(view, [], { colour }, 240_000);

describe('the status of a run, for a person,', () => {
  it('has the clock, the evidence on a logarithmic scale, the ledgers, and where it fails', () => {
    const text = shown(viewOf());
    for (const part of [
      /Canary r1 {3}RUNNING {3}stage 2 of 2 \(half\) {3}50 % {3}two-arm/,
      /why +new retries {3}\(ada, 4 min ago\)/,
      /clock +1 of 2 min in this stage {3}1 min in all/,
      /calls +canary 50 \(10 needed\) {3}baseline 50/,
      /worse by +10\.00 pp, at most \d+\.\d\d pp {3}\(to advance: at most 20\.00 pp\)/,
      /auth +█+░+ +\d/,
      /params +░+ +1$/m,
      /canary +50 +50 +0/,
      /limit in force 250/,
      /futures\/open-interest\/history +auth +canary 5 of 50 {3}baseline 0 of 50 {3}trace f{32}/,
    ])
      expect(text).toMatch(part);
    expect(text).not.toContain('\u001b');
  });

  it('fills the bar of what sends it back, and never more', () => {
    const view = viewOf();
    const e = { ...view.evidence?.e, all: 1e300, auth: 399 } as never;
    const text = shown(viewOf({ evidence: { ...view.evidence, e } as never }));
    expect(text).toMatch(/all +█{24} 1\.0e\+300/);
    expect(text).toMatch(/auth +█{24} +399/);
  });

  it('compares nothing where there is one arm, or where a promoted canary is watched', () => {
    const alone = shown(viewOf({}, { ...plan, mode: 'single-arm' }));
    expect(alone).toMatch(/calls +\d+ \(10 needed\)$/m);
    const view = viewOf();
    const evidence = { ...view.evidence, stage: 2 } as never;
    const watched = shown(viewOf({ status: 'promoted', share: 100, evidence }));
    expect(watched).toMatch(/clock +1 of 2 min of the watch/);
    for (const text of [alone, watched]) expect(text).not.toContain('worse by');
  });

  it('says loudly that nobody watches, and shows what is still to be written', () => {
    const pending = { at: 0, reason: 'advance: good enough', share: 50 };
    const text = shown(viewOf({ watched: false, pending }), true);
    expect(text).toContain('\u001b[31m  No health is watching');
    expect(text).toMatch(/to write +advance: good enough/);
  });

  it('lets nobody write to the terminal', () => {
    const hostile = '\u001b[2J\nfake';
    const text = shown(
      viewOf({ reason: hostile, startedBy: hostile, words: hostile, pending: undefined } as never),
    );
    expect(text).not.toContain('\u001b');
    expect(text).not.toMatch(/^fake/m);
  });
});
