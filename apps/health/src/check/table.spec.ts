import { describe, expect, it } from '@jest/globals';
import { reportOf } from './report.ts';
import type { RowResult } from './result.ts';
import { renderTable } from './table.ts';

const pairs: RowResult = {
  name: 'futures/supported-exchange-pairs',
  subject: 'request',
  verdict: 'pass',
  status: 200,
  durationMs: 212.4,
  permits: 1,
  source: 'coinglass',
  quota: { used: 12, limit: 300 },
};
const widened: RowResult = {
  name: 'futures/funding-rate/history',
  subject: 'request',
  verdict: 'warn',
  status: 200,
  durationMs: 1301,
  permits: 2,
  interval: '1h',
  fallback: { from: '1h', to: '4h' },
  detail: '1h refused, 4h served',
  source: 'coinglass',
  runbook: 'docs/runbooks/422-interval.md',
};
const gone: RowResult = {
  name: 'futures/liquidation/history',
  subject: 'request',
  verdict: 'fail',
  kind: 'upstream-rejected',
  status: 404,
  code: '404',
  detail: 'Endpoint not found.',
  durationMs: 95,
  permits: 1,
  path: '/api/futures/liquidation/history',
  params: { exchange: 'OKX', interval: '1h', symbol: 'SOL-USDT-SWAP' },
  interval: '1h',
  snippet: '{"code":"404","msg":"Endpoint not found."}',
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  runbook: 'docs/runbooks/404.md',
};
const streamSkipped: RowResult = {
  name: 'stream',
  subject: 'stream',
  verdict: 'skipped',
  detail: 'custom base URL without COINGLASS_WS_URL',
  durationMs: 0,
};

const startedAtMs = Date.parse('2026-11-22T09:15:02.123Z');
const table = (rows: RowResult[], colour = false, more: { ageMs?: number } = {}): string =>
  renderTable(
    reportOf(rows, { startedAtMs, finishedAtMs: startedAtMs + 1_900, version: '0.1.0' }),
    { colour, ...more },
  );

describe('the table', () => {
  it('aligns names, intervals, statuses and times, and ends with verdict and meaning', () => {
    expect(table([pairs, widened, streamSkipped]).split('\n')).toEqual([
      'CoinGlass start check  v0.1.0   2026-11-22T09:15:02Z   source: coinglass   3 requests   1.9 s',
      '  PASS  futures/supported-exchange-pairs            200   212 ms  quota 12/300',
      '  WARN  futures/funding-rate/history      1h -> 4h  200  1301 ms  1h refused, 4h served',
      '  SKIP  stream                                                    custom base URL without COINGLASS_WS_URL',
      'WARN  1 passed, 1 warned, 0 failed, 1 skipped',
      '  1h is refused, 4h works, for futures/funding-rate/history: a limit of the plan',
      '  next: docs/runbooks/422-interval.md',
    ]);
  });

  it('shows request, code, trace and body under a failed row, and no count it cannot know', () => {
    expect(table([pairs, gone]).split('\n')).toEqual([
      'CoinGlass start check  v0.1.0   2026-11-22T09:15:02Z   source: coinglass   at least 2 requests   1.9 s',
      '  PASS  futures/supported-exchange-pairs      200  212 ms  quota 12/300',
      '  FAIL  futures/liquidation/history       1h  404   95 ms  Endpoint not found.',
      '        GET /api/futures/liquidation/history?exchange=OKX&interval=1h&symbol=SOL-USDT-SWAP',
      '        upstream-rejected   code 404   trace 4bf92f3577b34da6a3ce929d0e0e4736',
      '        body: {"code":"404","msg":"Endpoint not found."}',
      '        docs/runbooks/404.md',
      'FAIL  1 passed, 0 warned, 1 failed',
      '  CoinGlass does not know /api/futures/liquidation/history: has the route changed?',
      '  next: docs/runbooks/404.md',
    ]);
  });

  it('names the pages of failures before those of warnings, each once', () => {
    expect(table([widened, gone, gone]).split('\n').at(-1)).toBe(
      '  next: docs/runbooks/404.md, docs/runbooks/422-interval.md',
    );
  });

  it('says how old the result of an earlier run is', () => {
    expect(table([pairs], false, { ageMs: 180_000 }).split('\n')[1]).toBe(
      'result of 3 min ago; npm run check -- --fresh asks anew',
    );
    expect(table([pairs], false, { ageMs: 9_000 })).toContain('result of 9 s ago');
  });

  it('says loudly that sandbox figures are invented', () => {
    expect(table([{ ...pairs, source: 'sandbox' }])).toContain(
      '\nSANDBOX: the stand-in vendor invents these figures; none of this is CoinGlass data.\n',
    );
  });

  it('lets no control character of the vendor reach a terminal', () => {
    const evil: RowResult = { ...gone, detail: 'a\u001b[2Jb\u202ec', snippet: 'x\r\ny\u2028z' };
    const text = table([evil]);
    expect(text).toContain('a·[2Jb·c');
    expect(text).toContain('body: x··y·z');
    expect(text).not.toContain('\u001b');
  });

  it('is coloured only when asked to be', () => {
    expect(table([pairs, gone], true)).toContain('\u001b[31mFAIL\u001b[0m');
    expect(table([pairs, gone], false)).not.toContain('\u001b');
  });
});
