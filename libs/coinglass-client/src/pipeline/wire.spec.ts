import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { Attempt } from './call.ts';
import { Garbled } from './garbled.ts';
import type { Settlement } from './permits.ts';
import { candles, callOf } from './testing/scripted.ts';
import { createHttpWire, type HttpWireOptions } from './wire.ts';

const key = 'a-vendor-key-0123456789';
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const serve = async (listener: RequestListener) => {
  const server: Server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const wireTo = (baseUrl: string, more: Partial<HttpWireOptions> = {}) => {
  const wire = createHttpWire({ baseUrl, apiKey: () => key, ...more });
  closing.push(() => wire.close());
  const witnessed: Settlement[] = [];
  const send = (attempt: Partial<Attempt> = {}) =>
    wire.send({
      ...callOf(),
      attempt: 1,
      permitWaitMs: 0,
      permittedAt: 0,
      mayBegin: () => true,
      witness: (settlement) => witnessed.push(settlement),
      ...attempt,
    });
  return { send, witnessed };
};

const thrownBy = async (work: Promise<unknown>): Promise<Record<string, unknown>> =>
  work.then(
    () => Promise.reject(new Error('was expected to fail')),
    (thrown: unknown) => thrown as Record<string, unknown>,
  );

const answered = (succeeded: boolean, quota = {}) => ({ kind: 'answered', succeeded, quota });

describe('the wire', () => {
  it('asks for the catalogued path, with the key in its header and the parameters encoded', async () => {
    let asked: { url?: string | undefined; headers?: Record<string, unknown> } = {};
    const base = await serve(({ url, headers, method }, response) => {
      asked = { url: `${method} ${url}`, headers };
      response.end('{}');
    });
    await wireTo(`${base}/proxy/?x=1`).send({ params: { symbol: 'A&b=../é', exchange: 'OKX' } });
    expect(asked.url).toBe(
      'GET /proxy/api/futures/funding-rate/history?symbol=A%26b%3D..%2F%C3%A9&exchange=OKX',
    );
    expect(asked.headers).toMatchObject({
      'cg-api-key': key,
      accept: 'application/json',
      'accept-encoding': 'gzip, br',
    });
    expect(asked.headers).not.toHaveProperty('traceparent');
  });

  it('shows where it sends to, without credentials', () => {
    const { baseUrl } = createHttpWire({
      baseUrl: 'https://user:secret@vendor.test/proxy?x=1#y',
      apiKey: () => key,
    });
    expect(baseUrl.href).toBe('https://vendor.test/proxy');
  });

  it('hands back what came, with quota, pause and sandbox label', async () => {
    const base = await serve((_request, response) => {
      response.writeHead(429, {
        'content-type': 'application/json',
        'API-KEY-USE-LIMIT': '301',
        'API-KEY-MAX-LIMIT': '300',
        'Retry-After': '7',
        Date: new Date(Date.now() + 60_000).toUTCString(),
        'x-glasshouse-sandbox': '1',
      });
      response.end('{"code":"429"}');
    });
    const { send, witnessed } = wireTo(base);
    const quota = { used: 301, limit: 300 };
    expect(await send()).toEqual({
      clockAheadMs: expect.any(Number),
      status: 429,
      contentType: 'application/json',
      body: '{"code":"429"}',
      wireBytes: 14,
      quota,
      retryAfterMs: 7000,
      sandbox: true,
    });
    expect(witnessed).toEqual([answered(false, quota)]);
  });

  it.each([
    ['gzip', 5_000, gzipSync],
    ['gzip', 500_000, gzipSync],
    ['br', 5_000, brotliCompressSync],
    ['br', 500_000, brotliCompressSync],
  ])('unpacks %s of %i letters and counts the bytes of the wire', async (encoding, size, pack) => {
    const body = `{"data":"${'é'.repeat(size)}"}`;
    const packed = pack(body);
    const base = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end(packed);
    });
    expect(await wireTo(base).send()).toMatchObject({ body, wireBytes: packed.length });
  });

  it('does not follow a redirect, so the key never reaches another origin', async () => {
    let leaked = 0;
    const elsewhere = await serve((_request, response) => {
      leaked += 1;
      response.end('{"code":"0","data":[]}');
    });
    const base = await serve((_request, response) => {
      response.writeHead(302, { location: `${elsewhere}/api` }).end();
    });
    expect(await wireTo(base).send()).toMatchObject({ status: 302 });
    expect(leaked).toBe(0);
  });

  it('stops at the byte limit of the wire, and still says that the vendor answered', async () => {
    let written = 0;
    const base = await serve((_request, response) => {
      const chunk = Buffer.alloc(64 * 1024, 'x');
      const pump = () => {
        while (!response.destroyed && written < 1e9) {
          written += chunk.length;
          if (!response.write(chunk)) {
            response.once('drain', pump);
            return;
          }
        }
      };
      pump();
    });
    const { send, witnessed } = wireTo(base, { wireBytesMax: 1_000_000 });
    const failure = await thrownBy(send());
    expect(failure).toMatchObject({
      name: 'Failure',
      kind: 'upstream-malformed',
      detail: 'The answer has more than 1000000 bytes on the wire',
      upstream: { status: 200 },
    });
    expect(failure).not.toBeInstanceOf(Garbled);
    expect(witnessed).toEqual([answered(true)]);
    expect(written).toBeLessThan(1e8);
  });

  it('does not unpack a bomb', async () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000));
    const base = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    });
    const { send, witnessed } = wireTo(base, { bodyBytesMax: 1_000_000 });
    const failure = await thrownBy(send());
    expect(failure).toMatchObject({
      kind: 'upstream-malformed',
      detail: 'The answer has more than 1000000 bytes unpacked',
    });
    expect(failure).not.toBeInstanceOf(Garbled);
    expect(witnessed).toEqual([answered(true)]);
  });

  it.each([
    ['broken compression', 'gzip', Buffer.from('no gzip')],
    ['cut compression', 'gzip', gzipSync('{"code":"0"}').subarray(0, 20)],
    ['packing that was not offered', 'zstd', Buffer.from('{}')],
    ['bytes that are no UTF-8', 'identity', Buffer.from([0x7b, 0xff, 0x7d])],
  ])('calls %s garbled', async (_name, encoding, body) => {
    const base = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end(body);
    });
    const failure = await thrownBy(wireTo(base).send());
    expect(failure.kind).toBe('upstream-malformed');
    expect(failure).toBeInstanceOf(Garbled);
  });

  it('knows nothing of the arrival when the connection breaks in the middle of the body', async () => {
    const base = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"code":"0"', () => response.destroy());
    });
    const { send, witnessed } = wireTo(base);
    expect(await thrownBy(send())).toMatchObject({
      kind: 'upstream-unavailable',
      detail: expect.stringMatching(/\((UND_ERR_SOCKET|ECONNRESET)\)$/),
    });
    expect(witnessed).toEqual([]);
  });

  it('knows nothing of the arrival when the connection breaks before an answer, and sends only once', async () => {
    let requests = 0;
    const base = await serve((request) => {
      requests += 1;
      request.socket.destroy();
    });
    const { send, witnessed } = wireTo(base);
    expect(await thrownBy(send())).toMatchObject({ kind: 'upstream-unavailable' });
    expect(witnessed).toEqual([]);
    expect(requests).toBe(1);
  });

  it('is certain that nothing was sent when the connection is refused', async () => {
    const base = await serve(() => undefined);
    for (const close of closing.splice(0)) await close();
    const { send, witnessed } = wireTo(base);
    const failure = await thrownBy(send());
    expect(failure).toMatchObject({
      kind: 'upstream-unavailable',
      detail: 'CoinGlass could not be reached or broke off (ECONNREFUSED)',
    });
    expect(failure.cause).toBeUndefined();
    expect(witnessed).toEqual([{ kind: 'never-sent' }]);
  });

  it('sends nothing when the permit has grown too old by the time it is connected', async () => {
    let requests = 0;
    const base = await serve((_request, response) => {
      requests += 1;
      response.end('{}');
    });
    const { send, witnessed } = wireTo(base);
    const looks = [false, false, true];
    const mayBegin = () => looks.shift() ?? false;
    // The first looks after connecting, the second on a connection that is open already.
    for (let n = 0; n < 2; n += 1) {
      expect(await thrownBy(send({ mayBegin }))).toMatchObject({ kind: 'upstream-unavailable' });
    }
    expect({ requests, witnessed }).toEqual({
      requests: 0,
      witnessed: [{ kind: 'never-sent' }, { kind: 'never-sent' }],
    });
    expect(await send({ mayBegin })).toMatchObject({ status: 200 });
    expect(requests).toBe(1);
  });

  it('tells of each request as its first byte goes out, and of none that was not sent', async () => {
    const base = await serve((_request, response) => response.end('{}'));
    const told: string[] = [];
    const onSent = ({ arm }: Attempt) => told.push(arm);
    const { send } = wireTo(base, { onSent });
    await thrownBy(send({ mayBegin: () => false }));
    await thrownBy(wireTo('http://127.0.0.1:1', { onSent }).send());
    expect(told).toEqual([]);
    await send({ arm: 'canary' });
    expect(told).toEqual(['canary']);
  });

  it("asks at the endpoint's own path, with what every question to it carries", async () => {
    let asked: string | undefined;
    const base = await serve(({ url }, response) => {
      asked = url;
      response.end('{}');
    });
    const endpoint = { ...candles, path: 'futures/other', constants: { unit: 'coin', limit: '9' } };
    await wireTo(base).send({ endpoint, params: { exchange: 'OKX', limit: '2' } });
    expect(asked).toBe('/api/futures/other?exchange=OKX&limit=9&unit=coin');
  });

  it('is certain that nothing was sent when TLS cannot be agreed on', async () => {
    let requests = 0;
    const base = await serve(() => (requests += 1));
    const { send, witnessed } = wireTo(base.replace('http:', 'https:'));
    expect(await thrownBy(send())).toMatchObject({ kind: 'upstream-unavailable' });
    expect(witnessed).toEqual([{ kind: 'never-sent' }]);
    expect(requests).toBe(0);
  });

  it('ends with the reason of the signal when a slow body outlasts it, and says nothing of the arrival', async () => {
    const base = await serve((_request, response) => {
      response.writeHead(200);
      response.write('{');
      const drip = setInterval(() => response.write(' '), 5);
      response.on('close', () => clearInterval(drip));
    });
    const stop = new AbortController();
    // With a code of its own, so that it could be taken for the network's.
    const reason = Object.assign(new Error('long enough'), { code: 'ECONNRESET' });
    const { send, witnessed } = wireTo(base);
    const work = thrownBy(send({ signal: stop.signal }));
    setTimeout(() => stop.abort(reason), 40);
    expect(await work).toBe(reason);
    expect(witnessed).toEqual([]);
  });

  it('tells no one the key, not even by a header that cannot be sent', async () => {
    const base = await serve((_request, response) => response.end('{}'));
    const { send, witnessed } = wireTo(base, { apiKey: () => `${key}\r\nx: y` });
    const failure = await thrownBy(send());
    expect(JSON.stringify([failure, String(failure), failure.stack])).not.toContain(key);
    expect(witnessed).toEqual([{ kind: 'never-sent' }]);
  });
});
