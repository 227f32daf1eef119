import { Failure } from '@glasshouse/coinglass-client';
import type { AnswerFacts } from '@glasshouse/fetch-queue';
import { describe, expect, it } from '@jest/globals';
import { judgeAnswer, judgeStream, judgeThrown, type Question } from './judge.ts';
import { NotTaken } from './road.ts';

const now = Date.parse('2026-11-22T09:15:00Z');
const hourMs = 3_600_000;
const question: Question = {
  path: '/api/futures/funding-rate/history',
  params: { exchange: 'OKX', coin: 'SOL', base: 'USDT', interval: '1h' },
  interval: '1h',
};
const result = { permits: 1, servedInterval: '1h', source: 'coinglass' };
const facts: AnswerFacts = {
  key: 'v1.k',
  endpoint: 'futures/funding-rate/history',
  params: { exchange: 'OKX', interval: '1h', symbol: 'SOL-USDT-SWAP' },
  source: 'coinglass',
  fetchedAt: now,
  freshUntil: now,
  staleUntil: now,
  permits: 1,
  rows: 1000,
  coverage: { from: 0, to: now + hourMs, clipped: false },
};

describe('an answered row', () => {
  it('passes with what was asked, naming the native params', () => {
    expect(judgeAnswer(question, result, facts, now)).toEqual({
      verdict: 'pass',
      status: 200,
      code: '0',
      permits: 1,
      path: '/api/futures/funding-rate/history',
      params: { exchange: 'OKX', interval: '1h', symbol: 'SOL-USDT-SWAP' },
      interval: '1h',
      source: 'coinglass',
    });
  });

  it('warns of a widened interval', () => {
    expect(
      judgeAnswer(question, { ...result, permits: 2, servedInterval: '4h' }, undefined, now),
    ).toMatchObject({ verdict: 'warn', permits: 2, fallback: { from: '1h', to: '4h' } });
  });

  it('warns of an answer without rows: empty is no proof of a good request', () => {
    expect(judgeAnswer(question, result, { ...facts, rows: 0 }, now)).toMatchObject({
      verdict: 'warn',
      detail: 'answered without a single row',
    });
  });

  it('warns of a series that stopped, and not of one that is a candle late', () => {
    const endedAgo = (agoMs: number): AnswerFacts => ({
      ...facts,
      coverage: { from: 0, to: now - agoMs, clipped: false },
    });
    expect(judgeAnswer(question, result, endedAgo(hourMs), now).verdict).toBe('pass');
    expect(judgeAnswer(question, result, endedAgo(3 * hourMs), now)).toMatchObject({
      verdict: 'warn',
      detail: 'newest candle ended 180 min ago',
    });
  });
});

describe('a row that failed', () => {
  it('carries what the vendor said', () => {
    const failure = new Failure('upstream-rejected', 'CoinGlass answered 404', {
      upstream: {
        status: 404,
        code: '404',
        message: 'Endpoint not found.',
        path: '/api/futures/funding-rate/history',
        params: facts.params,
        snippet: '{"code":"404"}',
      },
    });
    expect(judgeThrown(question, failure)).toEqual({
      verdict: 'fail',
      kind: 'upstream-rejected',
      detail: 'Endpoint not found.',
      status: 404,
      code: '404',
      permits: 1,
      path: '/api/futures/funding-rate/history',
      params: facts.params,
      interval: '1h',
      snippet: '{"code":"404"}',
    });
  });

  it('does not take over the request of a refusal that was met on the way to the instruments', () => {
    const failure = new Failure('upstream-credentials', 'CoinGlass refuses our key', {
      upstream: {
        status: 200,
        code: '401',
        message: 'API key missing.',
        path: '/api/futures/supported-exchange-pairs',
        params: {},
      },
    });
    expect(judgeThrown(question, failure)).toEqual({
      verdict: 'fail',
      kind: 'upstream-credentials',
      detail: 'API key missing. (met by /api/futures/supported-exchange-pairs)',
      path: '/api/futures/funding-rate/history',
      params: question.params,
      interval: '1h',
      permits: 1,
    });
  });

  it('is known by what was asked when nothing was sent', () => {
    expect(judgeThrown(question, new NotTaken())).toMatchObject({
      verdict: 'fail',
      kind: 'not-taken',
      permits: 0,
      params: question.params,
    });
  });

  it.each(['queue-full', 'endpoint-disabled', 'egress-disabled'] as const)(
    'is only a warning when the reason is our own: %s',
    (kind) => {
      expect(judgeThrown(question, new Failure(kind, 'not now'))).toMatchObject({
        verdict: 'warn',
        kind,
      });
    },
  );

  it('is internal when it is a bug of ours', () => {
    expect(judgeThrown(question, new TypeError('x is not a function'))).toMatchObject({
      verdict: 'fail',
      kind: 'internal',
    });
  });
});

describe('an opened stream', () => {
  it('passes, and tells how long opening and the first pong took', () => {
    expect(judgeStream({ permits: 0, openMs: 120.4, pongMs: 31 })).toEqual({
      verdict: 'pass',
      permits: 0,
      detail: 'open in 120 ms, pong in 31 ms',
    });
  });

  it('warns when it is slow', () => {
    expect(judgeStream({ permits: 0, openMs: 300, pongMs: 6_000 })).toMatchObject({
      verdict: 'warn',
      detail: 'open in 300 ms, pong in 6000 ms, slow',
    });
  });
});
