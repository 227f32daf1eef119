import { describe, expect, it } from '@jest/globals';
import { exitCodeOf, reportOf } from './report.ts';
import type { Finding, RowResult } from './result.ts';

const redis = (finding: Finding): RowResult => ({
  name: 'redis',
  subject: 'redis',
  durationMs: 1,
  ...finding,
});
const request = (finding: Finding): RowResult => ({
  name: 'etf/bitcoin/flow-history',
  subject: 'request',
  durationMs: 1,
  ...finding,
});
const reportOn = (...rows: RowResult[]) =>
  reportOf(rows, { startedAtMs: 0, finishedAtMs: 5, version: '0.1.0' });

const pass: Finding = { verdict: 'pass', permits: 1 };

describe('the report', () => {
  it('counts rows and requests and takes the worst verdict', () => {
    expect(
      reportOn(redis({ verdict: 'pass' }), request(pass), request({ verdict: 'warn', permits: 2 })),
    ).toMatchObject({
      verdict: 'warn',
      passed: 2,
      warned: 1,
      failed: 0,
      permits: 3,
      permitsExact: true,
    });
  });

  it('does not take a skipped row for a fault', () => {
    expect(reportOn(request(pass), request({ verdict: 'skipped' }))).toMatchObject({
      verdict: 'pass',
      skipped: 1,
    });
  });

  it('does not claim to know what a failed request cost', () => {
    const failed = request({ verdict: 'fail', kind: 'upstream-unavailable', permits: 1 });
    expect(reportOn(request(pass), failed)).toMatchObject({ permits: 2, permitsExact: false });
    const untaken = request({ verdict: 'fail', kind: 'not-taken', permits: 0 });
    expect(reportOn(untaken)).toMatchObject({ permits: 0, permitsExact: true });
  });

  it('names every source that answered', () => {
    const from = (source: string): RowResult => request({ ...pass, source });
    expect(reportOn(from('sandbox'), from('sandbox')).source).toBe('sandbox');
    expect(reportOn(from('custom'), from('coinglass')).source).toBe('coinglass, custom');
    expect(reportOn(request({ verdict: 'fail', kind: 'upstream-rejected' }))).not.toHaveProperty(
      'source',
    );
  });
});

describe('the exit code', () => {
  it.each<[number, string, RowResult[]]>([
    [0, 'all passed', [request(pass)]],
    [0, 'a row warned', [request({ verdict: 'warn', permits: 2 })]],
    [1, 'a row failed', [request(pass), request({ verdict: 'fail', kind: 'upstream-rejected' })]],
    [3, 'Redis was away', [redis({ verdict: 'fail', kind: 'store-unavailable' })]],
    [3, 'no fetcher took a job', [request({ verdict: 'fail', kind: 'not-taken' })]],
    [3, 'there was no permit for anything', [request({ verdict: 'warn', kind: 'queue-full' })]],
    [
      0,
      'one row found no permit',
      [request(pass), request({ verdict: 'warn', kind: 'queue-full' })],
    ],
  ])('is %i when %s', (code, _, rows) => {
    expect(exitCodeOf(reportOn(...rows), { strict: false })).toBe(code);
  });

  it('is 1 for a warning where that counts as failed', () => {
    const exitCode = (finding: Finding) => exitCodeOf(reportOn(request(finding)), { strict: true });
    expect(exitCode({ verdict: 'warn', permits: 2 })).toBe(1);
    expect(exitCode(pass)).toBe(0);
    expect(exitCode({ verdict: 'warn', kind: 'queue-full' })).toBe(3);
  });
});
