import { afterEach, describe, expect, it } from '@jest/globals';
import { startTestbed, type Testbed } from '../testbed.ts';
import { RequestLimit } from './limit.ts';

const sliding = { limit: 3, windowMs: 1000, window: 'sliding' } as const;
const aligned = { limit: 3, windowMs: 1000, window: 'aligned' } as const;
const take = (limit: RequestLimit, settings: typeof sliding | typeof aligned, times: number[]) =>
  times.map((at) => limit.take('key', at, settings));

describe('the request limit', () => {
  it('grants no more than the limit in any sliding window', () => {
    const verdicts = take(new RequestLimit(), sliding, [0, 400, 900, 999, 1000, 1399, 1400]);
    expect(verdicts.map(({ granted }) => granted)).toEqual([
      true,
      true,
      true,
      false,
      true,
      false,
      true,
    ]);
  });

  it('opens anew at each boundary of the clock when aligned', () => {
    const verdicts = take(
      new RequestLimit(),
      aligned,
      [900, 950, 999, 999, 1000, 1001, 1002, 1003],
    );
    expect(verdicts.map(({ granted }) => granted)).toEqual([
      ...[true, true, true, false],
      ...[true, true, true, false],
    ]);
    expect(verdicts.map(({ used }) => used)).toEqual([1, 2, 3, 3, 1, 2, 3, 3]);
  });

  it('counts each key alone', () => {
    const limit = new RequestLimit();
    take(limit, sliding, [0, 1, 2]);
    expect(limit.take('another', 3, sliding)).toEqual({ granted: true, used: 1 });
  });

  it('starts afresh when the kind of window is changed', () => {
    const limit = new RequestLimit();
    take(limit, aligned, [1e12, 1e12, 1e12]);
    expect(take(limit, sliding, [5])).toEqual([{ granted: true, used: 1 }]);
  });
});

describe('a client over the limit', () => {
  let bed: Testbed;
  let time = 0;
  afterEach(() => bed.sandbox.close());
  const start = async (settings: object) => {
    time = 0;
    bed = await startTestbed({ settings: { limit: 2, ...settings }, monotonic: () => time });
  };
  const ask = () => bed.get('spot/supported-exchange-pairs');

  it('is told so with a real 429, sees limit and use in the headers, and is let in after the window', async () => {
    await start({});
    const heard = [await ask(), await ask(), await ask()];
    time = 60_000;
    heard.push(await ask());
    expect(heard.map(({ status }) => status)).toEqual([200, 200, 429, 200]);
    expect(heard[2]?.body).toEqual({ code: '429', msg: 'Too Many Requests' });
    expect(heard.map(({ headers }) => headers.get('API-KEY-USE-LIMIT'))).toEqual([
      '1',
      '2',
      '2',
      '1',
    ]);
    expect(heard[0]?.headers.get('API-KEY-MAX-LIMIT')).toBe('2');
  });

  it('is told so inside a 200 when that form is chosen', async () => {
    await start({ refusal: 'body' });
    const [, , third] = [await ask(), await ask(), await ask()];
    expect(third).toMatchObject({ status: 200, body: { code: '429', msg: 'Too Many Requests' } });
  });

  it('uses up nothing without an accepted key', async () => {
    await start({});
    const strangers = await Promise.all(
      Array.from({ length: 5 }, () => bed.get('etf/bitcoin/list', {}, { headers: {} })),
    );
    expect(strangers.map(({ headers }) => headers.get('API-KEY-USE-LIMIT'))).toEqual(
      Array(5).fill(null),
    );
    expect((await ask()).headers.get('API-KEY-USE-LIMIT')).toBe('1');
  });
});
