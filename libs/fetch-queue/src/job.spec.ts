import { Failure } from '@glasshouse/coinglass-client';
import { describe, expect, it } from '@jest/globals';
import { newJobId, parseFetchJob, parseInteractiveJob, parseQueuedJob } from './job.ts';

const good = { v: 1, endpoint: 'futures/funding-rate/history' } as const;

const refusal = (parse: () => unknown): Failure => {
  try {
    parse();
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
  throw new Error('was taken');
};

describe('a job from the shared queue', () => {
  it('needs no more than a version and an endpoint', () => {
    expect(parseFetchJob(good)).toEqual({ ...good, strict: false });
  });

  it('takes native params of any plain type, an instrument, an interval, a deadline and a team', () => {
    const job = {
      ...good,
      params: { symbol: 'SOL-USDT-SWAP', limit: 10, closed: true },
      instrument: { exchange: 'OKX', coin: 'SOL', base: 'USDT' },
      interval: '1h',
      strict: true,
      deadlineAt: 1_800_000_000_000,
      team: 'quant',
      traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    };
    expect(parseFetchJob(job)).toEqual(job);
  });

  it('names every problem at once', () => {
    const failure = refusal(() =>
      parseFetchJob({ v: 2, endpoint: '', interval: '7h', deadlineAt: 1.5, lane: 'interactive' }),
    );
    expect(failure.kind).toBe('invalid-job');
    expect(failure.errors?.map(({ field }) => field).sort()).toEqual([
      'data',
      'deadlineAt',
      'endpoint',
      'interval',
      'v',
    ]);
    expect(failure.detail).toContain('lane');
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['text', 'fetch please'],
    ['a list', [good]],
    ['a lost hash, which BullMQ reads as {}', {}],
    ['an unknown field', { ...good, retries: 3 }],
    ['the interactive lane', { ...good, lane: 'interactive' }],
    ['a nested param', { ...good, params: { symbol: { $ne: null } } }],
    ['a list as params', { ...good, params: ['symbol'] }],
    ['an instrument without a coin', { ...good, instrument: { exchange: 'OKX' } }],
    [
      'a traceparent with more behind it',
      { ...good, traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01\r\n` },
    ],
    ['__proto__ at the top', JSON.parse('{"v":1,"endpoint":"e","__proto__":{"strict":true}}')],
    ['__proto__ among the params', JSON.parse('{"v":1,"endpoint":"e","params":{"__proto__":"x"}}')],
    ['constructor.prototype', { ...good, constructor: { prototype: { polluted: true } } }],
    ['10 MB', { ...good, params: { symbol: 'x'.repeat(10_000_000) } }],
    ['a param of 513 letters', { ...good, params: { symbol: 'x'.repeat(513) } }],
    ['100,000 nested lists', JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)],
  ])('refuses %s', (_name, data) => {
    expect(refusal(() => parseFetchJob(data)).kind).toBe('invalid-job');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('takes the word __proto__ as a value, where it harms nobody', () => {
    const params = { symbol: '"__proto__":' };
    expect(parseFetchJob({ ...good, params }).params).toEqual(params);
  });

  it('gives back little of what was sent', () => {
    const failure = refusal(() => parseFetchJob({ ...good, ['k'.repeat(10_000)]: 1 }));
    expect(JSON.stringify(failure.toRecord()).length).toBeLessThan(1_000);
  });
});

describe('a job taken from the shared queue', () => {
  it('may carry the arm that it was given when it first ran, which no producer’s job may', () => {
    expect(parseQueuedJob({ ...good, arm: 'canary' }).arm).toBe('canary');
    expect(parseQueuedJob(good)).toEqual(parseFetchJob(good));
    expect(refusal(() => parseQueuedJob({ ...good, arm: 'other' })).detail).toContain('arm');
    expect(refusal(() => parseFetchJob({ ...good, arm: 'canary' })).detail).toContain('arm');
  });
});

describe('a reader’s ask', () => {
  it('carries its call with the arm that the gateway has drawn', () => {
    const call = { id: 'c1', arm: 'canary', settled: false };
    expect(parseInteractiveJob({ ...good, call })).toMatchObject({ call });
    expect(
      refusal(() => parseInteractiveJob({ ...good, call: { ...call, arm: 'other' } })).detail,
    ).toContain('call.arm');
  });

  it('is interactive and content with a stored answer unless it says otherwise', () => {
    expect(parseInteractiveJob(good)).toEqual({
      ...good,
      strict: false,
      lane: 'interactive',
      fresh: false,
    });
  });

  it('may be a stream probe', () => {
    expect(parseInteractiveJob({ v: 1, probe: 'stream' })).toEqual({ v: 1, probe: 'stream' });
  });

  it('names the problems of the kind of job it means to be', () => {
    expect(refusal(() => parseInteractiveJob({ ...good, lane: 'bulk' })).detail).toContain('lane');
    expect(refusal(() => parseInteractiveJob({ v: 1, probe: 'socket' })).detail).toContain('probe');
    expect(refusal(() => parseInteractiveJob({ ...good, probe: 'stream' })).detail).toContain(
      'endpoint',
    );
  });
});

describe('a job id', () => {
  it('is drawn anew each time and is one that BullMQ takes', () => {
    const ids = new Set(Array.from({ length: 1_000 }, newJobId));
    expect(ids.size).toBe(1_000);
    expect([...ids].every((id) => /^j[0-9a-f]{32}$/.test(id))).toBe(true);
  });
});
