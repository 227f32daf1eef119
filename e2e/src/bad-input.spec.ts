import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { House } from './house.ts';

const raw = (port: number, text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
    setTimeout(() => socket.end(), 500);
  });

const funding = '/advanced/funding/rate';

describe('bad input', () => {
  let house: House;
  beforeAll(async () => {
    house = await House.start();
    await house.get('/advanced/pairs/futures');
    await house.get('/advanced/pairs/spot');
  });
  afterAll(() => house.stop());

  it.each([
    ['an unknown coin', `${funding}/SOLL`, 404, 'unknown-instrument', 'coin'],
    ['an unknown exchange', `${funding}/SOL?exchange=OKXX`, 404, 'unknown-instrument', 'exchange'],
    ['an unknown base', `${funding}/SOL?base=XYZ`, 404, 'unknown-instrument', 'base'],
    ['an unknown interval', `${funding}/SOL?interval=2h`, 400, 'invalid-request', 'interval'],
    ['an unknown parameter', `${funding}/SOL?intervall=1h`, 400, 'invalid-request', 'intervall'],
    ['a limit of nought', `${funding}/SOL?limit=0`, 400, 'invalid-request', 'limit'],
    ['a limit out of range', `${funding}/SOL?limit=1001`, 400, 'invalid-request', 'limit'],
    ['a limit that is no number', `${funding}/SOL?limit=1e999`, 400, 'invalid-request', 'limit'],
    [
      'a reversed range',
      `${funding}/SOL?start_time=1750000000000&end_time=1740000000000`,
      400,
      'invalid-request',
      'end_time',
    ],
    [
      'seconds for milliseconds',
      `${funding}/SOL?start_time=1750000000`,
      400,
      'invalid-request',
      'start_time',
    ],
    [
      'an absurd start',
      `${funding}/SOL?start_time=1000000000000`,
      400,
      'invalid-request',
      'start_time',
    ],
    ['a repeated parameter', `${funding}/SOL?limit=1&limit=2`, 400, 'invalid-request', 'limit'],
    ['a boolean that is none', `${funding}/SOL?strict=yes`, 400, 'invalid-request', 'strict'],
    ['a NUL in the coin', `${funding}/SOL%00`, 400, 'invalid-request', 'coin'],
    ['CRLF in the coin', `${funding}/SOL%0d%0aX-Evil:1`, 400, 'invalid-request', 'coin'],
    ['an emoji for a coin', `${funding}/%F0%9F%9A%80`, 400, 'invalid-request', 'coin'],
    ['a path in the coin', `${funding}/..%2f..%2fetc`, 404, 'unknown-instrument', 'coin'],
    ['a NUL in a value', `${funding}/SOL?exchange=OKX%00`, 400, 'invalid-request', 'exchange'],
    ['a malformed escape', `${funding}/SOL?exchange=%zz`, 400, 'invalid-request', 'exchange'],
    [
      'a prototype for a parameter',
      `${funding}/SOL?__proto__=1`,
      400,
      'invalid-request',
      '__proto__',
    ],
    ['a prototype for a coin', `${funding}/__proto__`, 404, 'unknown-instrument', 'coin'],
    [
      'a constructor for an exchange',
      `${funding}/SOL?exchange=constructor`,
      404,
      'unknown-instrument',
      'exchange',
    ],
    [
      'a long value',
      `${funding}/SOL?exchange=${'x'.repeat(2_000)}`,
      400,
      'invalid-request',
      'exchange',
    ],
    [
      'a page that is none',
      '/advanced/hyperliquid/positions/BTC?page=0',
      400,
      'invalid-request',
      'page',
    ],
    [
      'an unknown exchange in a list',
      '/advanced/liquidation/aggregated/SOL?exchange_list=OKX,Nope',
      404,
      'unknown-instrument',
      'exchange_list',
    ],
    [
      'a pair where a coin is wanted',
      '/advanced/oi/aggregated/SOLUSDT',
      404,
      'unknown-instrument',
      'coin',
    ],
    [
      'a missing parameter',
      '/api/futures/funding-rate/history?exchange=OKX',
      400,
      'invalid-request',
      'symbol',
    ],
    [
      'an unknown native pair',
      '/api/futures/funding-rate/history?exchange=OKX&symbol=NOPE&interval=1h',
      404,
      'unknown-instrument',
      'symbol',
    ],
    [
      'a reversed range on the drop-in face',
      '/api/futures/funding-rate/history?exchange=OKX&symbol=SOL-USDT-SWAP&interval=1h&start_time=1700000000000&end_time=1600000000000',
      400,
      'invalid-request',
      'end_time',
    ],
    [
      'an exchange that a list does not have',
      '/advanced/pairs/spot?exchange=Nope',
      404,
      'unknown-instrument',
      'exchange',
    ],
    ['a deadline that is none', `${funding}/SOL`, 400, 'invalid-request', 'x-deadline-ms'],
  ])(
    '%s is a problem that names the field and costs nothing',
    async (what, path, status, kind, field) => {
      await house.forgetArrivals();
      const answer = await house.get(
        path,
        what.startsWith('a deadline') ? { 'x-deadline-ms': '0' } : {},
      );
      expect({ status: answer.status, kind: answer.json?.kind }).toEqual({ status, kind });
      expect(answer.headers['content-type']).toContain('application/problem+json');
      expect(answer.json.errors.map((error: { field: string }) => error.field)).toContain(field);
      expect(answer.json).toMatchObject({
        status,
        code: String(status),
        type: `/problems/${kind}`,
      });
      expect(answer.text.length).toBeLessThan(4_000);
      expect(answer.text).not.toMatch(/\bat .*\.(ts|js):\d/);
      expect((await house.arrivals()).total).toBe(0);
    },
  );

  it('suggests near misses', async () => {
    const { json } = await house.get(`${funding}/SOLL`);
    expect(json.errors[0].suggestions).toContain('SOL');
    const interval = await house.get(`${funding}/SOL?intervall=1h`);
    expect(interval.json.errors[0].suggestions).toContain('interval');
  });

  it('lists the allowed values of a closed set', async () => {
    const { json } = await house.get(`${funding}/SOL?interval=2h`);
    expect(json.errors[0].allowed).toEqual(expect.arrayContaining(['1h', '4h']));
  });

  it('names all problems at once', async () => {
    const { json } = await house.get(`${funding}/SOL?interval=2h&limit=0`);
    expect(json.errors.map((error: { field: string }) => error.field).sort()).toEqual([
      'interval',
      'limit',
    ]);
  });

  it('answers unknown routes with a problem that suggests one', async () => {
    const { status, json } = await house.get('/advanced/funding/rates/SOL');
    expect(status).toBe(404);
    expect(json.kind).toBe('unknown-endpoint');
    expect(json.errors[0].suggestions[0]).toBe('/advanced/funding/rate/:coin');
    expect((await house.get('/api/futures/nope')).json.kind).toBe('unknown-endpoint');
    expect((await house.get('//evil.example/x')).status).toBe(404);
  });

  it.each([
    [
      'a malformed path',
      'GET /advanced/funding/rate/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      400,
    ],
    [
      'dots in the path',
      'GET /advanced/funding/rate/../../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      404,
    ],
    [
      'a URL of 10 kB',
      `GET /advanced/funding/rate/${'A'.repeat(10_000)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      414,
    ],
    ['headers of 20 kB', `GET / HTTP/1.1\r\nHost: x\r\nX-Big: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
    ['no HTTP at all', 'hello\r\n\r\n', 400],
    [
      'another method',
      'POST /advanced/etf/flows HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
      405,
    ],
  ])('%s gets its own status, as a problem', async (_what, text, status) => {
    await house.forgetArrivals();
    const answer = await raw(house.ports.gateway, text);
    expect(answer.split('\r\n')[0]).toContain(` ${status} `);
    expect(answer.toLowerCase()).toContain('application/problem+json');
    expect(answer).not.toMatch(/\bat .*\.(ts|js):\d/);
    expect((await house.arrivals()).total).toBe(0);
  });
});
