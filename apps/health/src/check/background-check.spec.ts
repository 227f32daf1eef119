import { describe, expect, it } from '@jest/globals';
import { BackgroundCheck } from './background-check.ts';
import type { Finding } from './result.ts';
import type { Row } from './row.ts';
import type { SharedResult } from './shared-check.ts';
import { StartCheck, type RunTerms } from './start-check.ts';

interface Line {
  readonly level: string;
  readonly event?: string;
  readonly row?: string;
}

const pass: Finding = { verdict: 'pass', permits: 1 };
const untaken: Finding = { verdict: 'fail', kind: 'not-taken', permits: 0 };
const gone: Finding = { verdict: 'fail', kind: 'upstream-rejected', status: 404, permits: 1 };

/** A background check over one row, which finds the given things run by run. */
const checkFinding = (...findings: (Finding | Promise<Finding>)[]) => {
  const lines: Line[] = [];
  const write = (level: string) => (fields: object) => void lines.push({ level, ...fields });
  const left = [...findings];
  const row: Row = {
    name: 'only',
    subject: 'request',
    permitsMax: 1,
    run: async () => left.shift() ?? pass,
  };
  const check = new StartCheck({
    rows: [row],
    road: {
      ask: () => Promise.reject(new Error('unused')),
      factsOf: () => Promise.resolve(undefined),
    },
    inspectRedis: () => Promise.resolve(pass),
    flagsSource: () => Promise.reject(new Error('unused')),
    patience: { answerMs: 1_000, pickUpMs: 1_000 },
  });
  const log = { info: write('info'), warn: write('warn'), error: write('error') };
  const kept: { last: SharedResult | undefined } = { last: undefined };
  const shared = {
    run: async (terms?: RunTerms): Promise<SharedResult> => ({
      report: await check.run(terms),
      from: 'own-run',
      ageMs: 0,
    }),
    last: () => Promise.resolve(kept.last),
  };
  const background = new BackgroundCheck({ check: shared, log, againMs: 1, lookEveryMs: 1 });
  return { background, lines, left, kept };
};

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
};

describe('the check in the background', () => {
  it('logs a line a row, loud as the row is bad, and a verdict', async () => {
    const { background, lines } = checkFinding(gone);
    await background.run();
    expect(lines).toMatchObject([
      { level: 'info', event: 'check.begin' },
      { level: 'error', event: 'check.row', row: 'only', status: 404, kind: 'upstream-rejected' },
      { level: 'error', event: 'check.verdict', verdict: 'fail', passed: 0, failed: 1 },
    ]);
  });

  it('runs once, whatever the vendor said, for as long as the result is kept', async () => {
    const { background, left, kept } = checkFinding(gone, pass);
    await background.run();
    kept.last = { report: background.state as never, from: 'earlier-run', ageMs: 0 };
    expect(left).toHaveLength(1);
    expect(background.state).toMatchObject({ verdict: 'fail', from: 'own-run' });
    background.abandon();
  });

  it('repeats a failed check once nobody keeps its result any more', async () => {
    const { background } = checkFinding(gone, pass);
    await background.run();
    await until(() => background.state.verdict === 'pass');
    background.abandon();
  });

  it('takes over what another process has found since, and says so', async () => {
    const { background, lines, kept } = checkFinding(pass);
    await background.run();
    const other = checkFinding(gone);
    await other.background.run();
    other.background.abandon();
    const report = { ...(other.background.state as never as SharedResult['report']) };
    kept.last = {
      report: { ...report, startedAt: '2026-01-01T00:00:00.000Z' },
      from: 'earlier-run',
      ageMs: 5,
    };
    await until(() => background.state.verdict === 'fail');
    background.abandon();
    expect(background.state).toMatchObject({ from: 'earlier-run' });
    expect(lines.at(-1)).toMatchObject({
      ...{ event: 'check.verdict', verdict: 'fail' },
      ...{ from: 'earlier-run', age_ms: 5 },
    });
  });

  it('tries again while it could not run, and is silent until there is news', async () => {
    const { background, lines } = checkFinding(untaken, untaken, untaken, pass);
    await background.run();
    expect(background.state).toMatchObject({ verdict: 'pass' });
    expect(lines.filter(({ event }) => event === 'check.verdict')).toMatchObject([
      { verdict: 'fail', obstacle: 'no-fetcher' },
      { verdict: 'pass' },
    ]);
    expect(lines.filter(({ event }) => event === 'check.row')).toHaveLength(2);
  });

  it('writes no more lines once it is abandoned, and does not try again', async () => {
    const { promise, resolve } = Promise.withResolvers<Finding>();
    const { background, lines, left } = checkFinding(promise, pass);
    const run = background.run();
    background.abandon();
    resolve(untaken);
    await run;
    expect(lines.map(({ event }) => event)).toEqual(['check.begin']);
    expect(left).toHaveLength(1);
  });
});
