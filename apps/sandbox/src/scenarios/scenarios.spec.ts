import { once } from 'node:events';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startTestbed, type Heard, type Testbed } from '../testbed.ts';
import type { Arrival } from '../traffic/arrivals.ts';
import { presetNames } from './presets.ts';
import type { RuleInput } from './rule.ts';

const funding = 'futures/funding-rate/history';
const sol = { exchange: 'OKX', symbol: 'SOL-USDT-SWAP', interval: '1h', limit: '2' };

describe('a scenario', () => {
  let bed: Testbed;
  beforeAll(async () => {
    bed = await startTestbed();
  });
  beforeEach(() => bed.control('DELETE', ''));
  afterAll(() => bed.sandbox.close());

  const rules = async (...list: RuleInput[]) => {
    const { status } = await bed.control('PUT', '/scenarios', { rules: list });
    expect(status).toBe(200);
  };
  const ask = (params: Record<string, string> = sol) => bed.get(funding, params);
  const firstRow = ({ body }: Heard) => (body?.data as Record<string, unknown>[])[0];
  const raw = async (): Promise<IncomingMessage> => {
    const request = httpGet(
      `${bed.sandbox.url}/api/${funding}?${new URLSearchParams(sol).toString()}`,
      {
        headers: { 'CG-API-KEY': 'sandbox', 'accept-encoding': 'gzip' },
      },
    );
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    // A reset is told to both; the response's is the one that counts.
    request.on('error', () => undefined);
    return response;
  };

  it.each<[RuleInput['behaviour'], number, string]>([
    ['429-http', 429, '429'],
    ['429-body', 200, '429'],
    ['422-http', 422, '422'],
    ['422-body', 200, '422'],
    ['403-in-200', 200, '403'],
    ['upgrade-plan', 200, '401'],
    ['401-key', 200, '401'],
    ['400-key', 200, '400'],
    ['400-pair', 200, '400'],
    ['404', 404, '404'],
    ['500-http', 500, '500'],
    ['500-body', 200, '500'],
  ])('%s answers HTTP %d with code %s, labelled', async (behaviour, status, code) => {
    await rules({ behaviour } as RuleInput);
    const heard = await ask();
    expect(heard).toMatchObject({ status, body: { code } });
    expect(heard.headers.get('x-glasshouse-sandbox')).toBe('1');
  });

  it('429 says Retry-After as it is told to, nonsense included', async () => {
    await rules(
      { behaviour: '429-http', retryAfter: 2, times: 1 },
      { behaviour: '429-body', retryAfter: 'soon' },
    );
    const heard = [await ask(), await ask()];
    expect(heard.map(({ headers }) => headers.get('retry-after'))).toEqual(['2', 'soon']);
  });

  it('is for the paths and parameters it names, and for as many hits as it says', async () => {
    await rules({
      path: 'futures/funding-rate/*',
      params: { interval: '1h' },
      times: 2,
      behaviour: '403-in-200',
    });
    const codes = async (params: Record<string, string>) => (await ask(params)).body?.code;
    expect(await codes({ ...sol, interval: '4h' })).toBe('0');
    expect((await bed.get('etf/bitcoin/list')).body?.code).toBe('0');
    expect([await codes(sol), await codes(sol), await codes(sol)]).toEqual(['403', '403', '0']);
    const { body } = await bed.control('GET', '/scenarios');
    expect(body).toMatchObject({ scenarios: [{ behaviour: '403-in-200', times: 2, hits: 2 }] });
  });

  it('html, truncated, empty and redirect answer what no JSON reader expects', async () => {
    await rules(
      { behaviour: 'html', status: 403, times: 1 },
      { behaviour: 'truncated', times: 1 },
      { behaviour: 'empty', times: 1 },
      { behaviour: 'redirect', to: 'http://127.0.0.1:1/elsewhere' },
    );
    const [html, truncated, empty, redirect] = [await ask(), await ask(), await ask(), await ask()];
    expect([html.status, html.text.slice(0, 15)]).toEqual([403, '<!DOCTYPE html>']);
    expect([truncated.status, truncated.body]).toEqual([200, undefined]);
    expect(truncated.text).toMatch(/^\{"code":"0"/);
    expect(empty.body).toEqual({ code: '0', msg: 'success', data: [] });
    expect([redirect.status, redirect.headers.get('location')]).toEqual([
      302,
      'http://127.0.0.1:1/elsewhere',
    ]);
  });

  it('disorder leaves rows out, repeats and shuffles, the same way each time', async () => {
    const times = (heard: Heard) =>
      (heard.body?.data as { time: number }[]).map(({ time }) => time);
    const asked = { ...sol, limit: '6' };
    const genuine = times(await ask(asked));
    const [a = 0, b, c, d, e, f] = genuine;
    await rules({ behaviour: 'disorder', missing: [[a, a + 1]], repeated: 3, shuffled: true });
    const heard = times(await ask(asked));
    expect([...new Set(heard)].sort()).toEqual([b, c, d, e, f]);
    expect(heard).toHaveLength(7);
    expect(heard).not.toEqual([...heard].sort());
    expect(times(await ask(asked))).toEqual(heard);
  });

  it('drift renames, retypes or adds a field; not-a-number spoils a figure', async () => {
    await rules(
      { behaviour: 'drift-rename', field: 'close', to: 'last', times: 1 },
      { behaviour: 'drift-retype', field: 'close', as: 'object', times: 1 },
      { behaviour: 'drift-add', field: 'mood', times: 1 },
      { behaviour: 'not-a-number', field: 'close', times: 1 },
      { behaviour: 'drift-rename', times: 1 },
    );
    const genuine = {
      time: expect.any(Number),
      open: expect.any(String),
      close: expect.any(String),
    };
    const [renamed, retyped, added, spoilt, byDefault] = [
      firstRow(await ask()),
      firstRow(await ask()),
      firstRow(await ask()),
      firstRow(await ask()),
      firstRow(await ask()),
    ];
    expect(renamed).toHaveProperty('last');
    expect(renamed).not.toHaveProperty('close');
    expect(retyped).toMatchObject({ close: { value: expect.any(String) } });
    expect(added).toMatchObject({ ...genuine, mood: 'new' });
    expect(spoilt).toMatchObject({ close: 'NaN' });
    expect(byDefault).toHaveProperty('open_v2');
    expect(firstRow(await ask())).toMatchObject(genuine);
  });

  it('drift strikes the rows of every kind of data when it names no field', async () => {
    const drifted = async (path: string, params = {}) =>
      /_v2":/.test((await bed.get(path, params)).text);
    await rules({ behaviour: 'drift-rename' });
    expect(await drifted('futures/supported-exchange-pairs', { exchange: 'OKX' })).toBe(true);
    expect(await drifted('etf/bitcoin/list')).toBe(true);
    expect(await drifted('hyperliquid/position', { symbol: 'BTC' })).toBe(true);
  });

  it('reset breaks the connection after half of the promised body', async () => {
    await rules({ behaviour: 'reset' });
    const response = await raw();
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    const [error] = (await once(response, 'error')) as [NodeJS.ErrnoException];
    const promised = Number(response.headers['content-length']);
    expect(error.code).toBe('ECONNRESET');
    expect(Buffer.concat(chunks).length).toBe(Math.ceil(promised / 2));
  });

  it('no-answer hangs, and the arrival is known to be unanswered', async () => {
    await rules({ behaviour: 'no-answer', times: 1 });
    const controller = new AbortController();
    const hanging = bed.get(funding, sol, { signal: controller.signal });
    const settled = hanging.then(
      () => 'answered',
      () => 'aborted',
    );
    await ask();
    const { arrivals } = (await bed.control('GET', '/arrivals')).body as {
      arrivals: Arrival[];
    };
    controller.abort();
    expect(await settled).toBe('aborted');
    expect(arrivals.map(({ status }) => status)).toContain(null);
  });

  it('slow waits before the headers, slow-body between bytes; both end well', async () => {
    const timed = async () => {
      const began = performance.now();
      const { body } = await ask();
      return { code: body?.code, tookMs: performance.now() - began };
    };
    await rules({ behaviour: 'slow', delayMs: 60 });
    const slow = await timed();
    await rules({ behaviour: 'slow-body', everyMs: 20, chunkBytes: 64 });
    const dribbled = await timed();
    expect([slow.code, dribbled.code]).toEqual(['0', '0']);
    expect(slow.tookMs).toBeGreaterThan(55);
    expect(dribbled.tookMs).toBeGreaterThan(55);
  });

  it('huge and gzip-bomb send more than anyone should read, the bomb in few bytes', async () => {
    await rules({ behaviour: 'huge', times: 1 }, { behaviour: 'gzip-bomb', bytes: 40 * 2 ** 20 });
    const received = async () => {
      const response = await raw();
      let bytes = 0;
      for await (const chunk of response) bytes += (chunk as Buffer).length;
      return { bytes, encoding: response.headers['content-encoding'] };
    };
    const huge = await received();
    expect(huge).toEqual({ bytes: 9 * 2 ** 20, encoding: undefined });
    const bomb = await received();
    expect(bomb.encoding).toBe('gzip');
    expect(bomb.bytes).toBeLessThan(100_000);
  });

  it('foreign-use and max-limit change the quota headers and nothing else', async () => {
    await rules({ behaviour: 'foreign-use', by: 40 }, { behaviour: 'max-limit', limit: 80 });
    const heard = await ask();
    expect(heard.body?.code).toBe('0');
    expect(heard.headers.get('API-KEY-USE-LIMIT')).toBe('41');
    expect(heard.headers.get('API-KEY-MAX-LIMIT')).toBe('80');
  });

  it('does not lift the limit: a request above it is a 429 whatever the rules say', async () => {
    await bed.control('PUT', '/settings', { limit: 1 });
    await rules({ behaviour: '500-http' });
    expect([(await ask()).status, (await ask()).status]).toEqual([500, 429]);
  });

  it.each(presetNames)('%s is a preset that can be switched on and off', async (preset) => {
    const on = await bed.control('PUT', '/scenarios', { preset });
    expect((on.body as { scenarios: unknown[] }).scenarios.length).toBeGreaterThan(0);
    const off = await bed.control('DELETE', '/scenarios');
    expect(off.body).toEqual({ scenarios: [] });
  });
});
