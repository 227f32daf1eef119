import { describe, expect, it } from '@jest/globals';
import { interpret } from './interpretation.ts';
import type { Finding, RowResult } from './result.ts';

const names = [
  'futures/supported-exchange-pairs',
  'futures/funding-rate/history',
  'futures/open-interest/history',
  'futures/liquidation/history',
  'etf/bitcoin/flow-history',
] as const;

const pass: Finding = { verdict: 'pass', status: 200 };
const failed = (kind: string, more: Partial<Finding> = {}): Finding => ({
  verdict: 'fail',
  kind,
  ...more,
});
const skipped: Finding = { verdict: 'skipped' };

/** All seven rows: Redis, the five requests as given (passing where not), the stream. */
const rows = (requests: Partial<Record<number, Finding>>, stream: Finding = pass): RowResult[] => [
  { name: 'redis', subject: 'redis', durationMs: 1, verdict: 'pass' },
  ...names.map((name, index) => ({
    name,
    subject: 'request' as const,
    durationMs: 1,
    ...(requests[index] ?? pass),
  })),
  { name: 'stream', subject: 'stream', durationMs: 1, ...stream },
];

const all = (finding: Finding): Record<number, Finding> => ({
  0: finding,
  1: finding,
  2: finding,
  3: finding,
  4: finding,
});

const series = (finding: Finding): Record<number, Finding> => ({
  1: finding,
  2: finding,
  3: finding,
});

describe('the interpretation', () => {
  it('has nothing to say when all is well', () => {
    expect(interpret(rows({}))).toEqual([]);
  });

  it.each<[string, RowResult[], string]>([
    [
      'a key refused everywhere',
      rows(all(failed('upstream-credentials')), failed('upstream-credentials')),
      'CoinGlass refuses the key: check COINGLASS_API_KEY of the fetcher',
    ],
    [
      'throttled everywhere',
      rows(all(failed('upstream-throttled'))),
      'CoinGlass throttles every request: is the quota of the key shared with somebody else?',
    ],
    [
      'a lapsed plan',
      rows(all(failed('plan-not-entitled'))),
      'CoinGlass refuses everything by plan: has the subscription of the key lapsed?',
    ],
    [
      'a dead vendor, the later rows not asked to save requests',
      rows({
        0: failed('upstream-unavailable'),
        1: failed('upstream-unavailable'),
        2: skipped,
        3: skipped,
        4: skipped,
      }),
      "CoinGlass does not answer: is it down, or does the fetcher's COINGLASS_BASE_URL or network not lead there?",
    ],
    [
      'nobody there to take jobs',
      rows({ 0: failed('not-taken'), 1: skipped, 2: skipped, 3: skipped, 4: skipped }, skipped),
      'no fetcher took the jobs: is one running?',
    ],
    [
      'Redis away from the start',
      rows(all(skipped), skipped).with(0, {
        name: 'redis',
        subject: 'redis',
        durationMs: 1,
        ...failed('store-unavailable'),
      }),
      'Redis is away: nothing can be asked without it; check REDIS_URL',
    ],
    [
      'Redis lost on the way',
      rows({ 2: failed('store-unavailable') }),
      'Redis is away: nothing can be asked without it; check REDIS_URL',
    ],
    [
      'no permit for anything',
      rows(all({ verdict: 'warn', kind: 'queue-full' })),
      'no request was free in time: our own limit is used up (or its state was lost, which takes 90 s); nothing was asked',
    ],
    [
      'a vendor or a fetcher that hangs',
      rows(all(failed('deadline-passed'))),
      'no answer came in time: CoinGlass hangs, or the fetcher does; the log of the fetcher tells which',
    ],
    [
      'egress switched off',
      rows(all({ verdict: 'warn', kind: 'egress-disabled' })),
      'requests to CoinGlass are switched off by a flag; nothing was asked',
    ],
  ])('names the one cause of %s, and nothing else', (_, given, sentence) => {
    expect(interpret(given)).toEqual([sentence]);
  });

  it.each<[string, RowResult[], string]>([
    [
      'only one 404: the route changed',
      rows({
        3: failed('upstream-rejected', {
          status: 404,
          code: '404',
          path: '/api/futures/liquidation/history',
        }),
      }),
      'CoinGlass does not know /api/futures/liquidation/history: has the route changed?',
    ],
    [
      'pairs and flows pass, the series are refused at 1h: not in the plan',
      rows(series(failed('interval-not-available', { interval: '1h' }))),
      'interval 1h is not in the plan for futures/funding-rate/history, futures/open-interest/history, futures/liquidation/history: check COINGLASS_PLAN',
    ],
    [
      '1h refused and 4h served: a limit of the plan',
      rows(series({ verdict: 'warn', fallback: { from: '1h', to: '4h' } })),
      '1h is refused, 4h works, for futures/funding-rate/history, futures/open-interest/history, futures/liquidation/history: a limit of the plan',
    ],
    [
      'one endpoint above the plan',
      rows({ 4: failed('plan-not-entitled') }),
      'the plan does not include etf/bitcoin/flow-history: check COINGLASS_PLAN and the subscription of the key',
    ],
    [
      'the key refused for one endpoint only',
      rows({ 4: failed('upstream-credentials') }),
      'CoinGlass refuses the key for etf/bitcoin/flow-history: check COINGLASS_API_KEY of the fetcher and its plan',
    ],
    [
      'the instrument not listed',
      rows(series(failed('unknown-instrument'))),
      'SOL/USDT on OKX is not to be found among the supported pairs: have the instruments changed?',
    ],
    [
      'a changed shape',
      rows({ 2: failed('upstream-malformed') }),
      'CoinGlass answers futures/open-interest/history in a shape we do not know: has the API changed?',
    ],
    [
      'one endpoint in trouble',
      rows({ 4: failed('upstream-unavailable') }),
      'etf/bitcoin/flow-history is in trouble while others answer: try again in a minute',
    ],
    [
      'a series that has stopped',
      rows({ 2: { verdict: 'warn', detail: 'newest candle ended 300 min ago' } }),
      'futures/open-interest/history is answered, but with nothing or with nothing new: does CoinGlass lag?',
    ],
    [
      'one endpoint switched off',
      rows({ 4: { verdict: 'warn', kind: 'endpoint-disabled' } }),
      'etf/bitcoin/flow-history is switched off by a flag',
    ],
    [
      'the stream alone',
      rows({}, failed('upstream-unavailable')),
      "the stream does not open: does the plan include it, and does the fetcher's network let WebSockets pass?",
    ],
  ])('says of %s', (_, given, sentence) => {
    expect(interpret(given)).toContain(sentence);
  });

  it('says as many things as there are, when no one cause explains them', () => {
    const given = rows({
      1: { verdict: 'warn', fallback: { from: '1h', to: '4h' } },
      3: failed('upstream-rejected', { status: 404, path: '/api/futures/liquidation/history' }),
    });
    expect(interpret(given)).toHaveLength(2);
  });
});
