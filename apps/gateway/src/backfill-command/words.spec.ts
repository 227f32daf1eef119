import { describe, expect, it } from '@jest/globals';
import type { BackfillView, GapsView, Quote } from '../backfills/backfill-view.ts';
import { Progress } from './progress.ts';
import { endLines, progressLine, quoteLines, span } from './words.ts';

const now = Date.UTC(2026, 10, 25, 12);
const hour = 3_600_000;
const view = (more: Partial<BackfillView> = {}): BackfillView => ({
  id: 'b1',
  state: 'running',
  asked: { what: 'funding' },
  endpoint: 'futures/funding-rate/history',
  params: {},
  interval: '1h',
  from: now - 18_000 * hour,
  to: now,
  candles: 18_000,
  pages: { total: 18, done: 9, lost: 0 },
  rows: 9_000,
  permits: 9,
  bytes: 1,
  createdAt: now - 5_000,
  startedAt: now - 4_000,
  etaAt: now + 4_000,
  links: { self: '', events: '', data: '', gaps: '' },
  ...more,
});
const gaps = (more: Partial<GapsView> = {}): GapsView => ({
  id: 'b1',
  state: 'completed',
  complete: true,
  candles: 0,
  gaps: [],
  sources: ['coinglass'],
  repeated: 0,
  conflicting: 0,
  strayed: 0,
  newFields: [],
  ...more,
});

describe('what the command says', () => {
  it('quotes what it costs, and what the plan cuts off', () => {
    const quote: Quote = {
      asked: { what: 'funding' },
      endpoint: 'futures/funding-rate/history',
      params: { exchange: 'OKX', symbol: 'SOL-USDT-SWAP' },
      interval: '1h',
      from: now - 8_640 * hour,
      to: now,
      candles: 8_640,
      requests: 9,
      clipped: { askedFrom: now - 9_000 * hour, candles: 360, plan: 'standard', depthDays: 360 },
      ahead: 12,
      requestsPerMinute: 225,
      durationMs: 3_000,
      finishAt: now + 3_000,
    };
    const text = quoteLines(quote).join('\n');
    expect(text).toContain('funding of SOL-USDT-SWAP on OKX, 1h candles');
    expect(text).toContain('the standard plan sees 360 days back at 1h: 360 candles');
    expect(text).toContain('9 requests, after 12 of others');
  });

  it('draws progress with what is left, and what it waits for', () => {
    expect(progressLine(view(), now)).toBe(
      `${'█'.repeat(12)}${'░'.repeat(12)} 9/18 pages · 9,000 rows · 4 s left`,
    );
    const waiting = view({ waiting: { because: 'limit', until: now + 1 } });
    expect(progressLine(waiting, now)).toContain('waits (limit)');
  });

  it('tells a log now and then what a terminal shows all the time', () => {
    const written: string[] = [];
    let at = now;
    const progress = new Progress({ write: (text) => written.push(text) }, () => at);
    progress.show(view());
    progress.show(view({ rows: 9_500 }));
    at += 10_000;
    progress.show(view({ rows: 9_900 }));
    progress.show(view({ rows: 9_900 }));
    expect(written).toEqual(['9/18 pages · 9,000 rows\n', '9/18 pages · 9,900 rows\n']);
  });

  it('ends with every gap and its reason, up to twenty', () => {
    const gap = {
      from: now,
      to: now + hour,
      candles: 1,
      reason: 'not-in-answer',
      fromIso: '',
      toIso: '',
    };
    const many = endLines(view(), gaps({ gaps: Array(25).fill(gap), candles: 25 }), 'a.csv', 1);
    expect(many.join('\n')).toContain('25 gaps, 25 candles');
    expect(many.filter((line) => line.includes('not-in-answer'))).toHaveLength(20);
    expect(many.at(-1)).toContain('and 5 more');
    const sandbox = endLines(view(), gaps({ sources: ['sandbox'] }), 'a.csv', undefined);
    expect(sandbox.join('\n')).toContain('invented');
    expect(sandbox.at(-1)).toBe('  no gaps');
  });

  it('says times as people do', () => {
    expect([span(200), span(89_000), span(91_000), span(5_400_000)]).toEqual([
      '1 s',
      '89 s',
      '2 min',
      '1 h 30 min',
    ]);
  });
});
