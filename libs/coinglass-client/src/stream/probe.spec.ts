import { afterEach, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { probeStream } from './probe.ts';

const key = 'a-vendor-key-0123456789';
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const listen = async (onUpgrade: (request: IncomingMessage, socket: Socket) => void) => {
  const sockets = new Set<Socket>();
  const server = createServer((_request, response) => response.writeHead(404).end());
  server.on('connection', (socket) => sockets.add(socket));
  server.on('upgrade', (request, socket) => {
    socket.on('error', () => undefined);
    onUpgrade(request, socket as Socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws-api`;
};

const accept = (request: IncomingMessage, socket: Socket) => {
  const nonce = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const digest = createHash('sha1').update(nonce).digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${digest}\r\n\r\n`,
  );
};

/** One short, unmasked frame, as a server sends it. */
const frame = (opcode: number, payload: string | Buffer) =>
  Buffer.concat([Buffer.from([0x80 | opcode, payload.length]), Buffer.from(payload)]);

/** The text of one short, masked frame, as a client sends it. */
const unmasked = (bytes: Buffer) =>
  bytes
    .subarray(6, 6 + ((bytes[1] ?? 0) & 0x7f))
    .map((byte, at) => byte ^ (bytes[2 + (at % 4)] ?? 0))
    .toString();

const closeFrame = (code: number, reason: string) => {
  const payload = Buffer.alloc(2 + reason.length);
  payload.writeUInt16BE(code);
  payload.write(reason, 2);
  return frame(0x8, payload);
};

const probe = (url: string, more: Partial<Parameters<typeof probeStream>[0]> = {}) =>
  probeStream({ url, apiKey: () => key, ...more });

const thrownBy = async (work: Promise<unknown>) => {
  const thrown: unknown = await work.then(
    () => Promise.reject(new Error('was expected to fail')),
    (failure: unknown) => failure,
  );
  const { stack, ...shown } = thrown as Error;
  expect(`${stack} ${JSON.stringify(shown)}`).not.toContain(key);
  return thrown;
};

describe('the probe of the stream', () => {
  it('opens with the key in the query, sends ping, waits for pong among other frames, and hangs up', async () => {
    const heard: string[] = [];
    const goodbye = Promise.withResolvers<number>();
    let asked: string | undefined;
    const url = await listen((request, socket) => {
      asked = request.url;
      accept(request, socket);
      socket.write(frame(0x1, '{"event":"login"}'));
      socket.on('data', (bytes: Buffer) => {
        if ((bytes[0] ?? 0) === 0x88) return goodbye.resolve(bytes[0] ?? 0);
        heard.push(unmasked(bytes));
        socket.write(frame(0x1, '{"channel":"x","data":["pong"]}'));
        socket.write(frame(0x1, 'pong'));
      });
    });
    const times = [100, 140, 155];
    const now = () => times.shift() ?? 0;
    expect(await probe(url, { now })).toEqual({ openMs: 40, pongMs: 15 });
    expect(asked).toBe(`/ws-api?cg-api-key=${key}`);
    expect(heard).toEqual(['ping']);
    expect(await goodbye.promise).toBe(0x88);
  });

  it.each([401, 403])(
    'says upstream-credentials when the handshake is refused by %d',
    async (status) => {
      const url = await listen((_request, socket) =>
        socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`),
      );
      expect(await thrownBy(probe(url))).toMatchObject({
        kind: 'upstream-credentials',
        upstream: { status },
      });
    },
  );

  it.each([
    [4401, ''],
    [1008, ''],
    [1000, `invalid api key ${key}`],
  ])(
    'says upstream-credentials when the stream is closed for the key (%d %j)',
    async (code, reason) => {
      const url = await listen((request, socket) => {
        accept(request, socket);
        socket.on('data', () => socket.end(closeFrame(code, reason)));
      });
      expect(await thrownBy(probe(url))).toMatchObject({ kind: 'upstream-credentials' });
    },
  );

  it('says upstream-unavailable, and why, for any other refusal', async () => {
    const busy = await listen((_request, socket) =>
      socket.end('HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n'),
    );
    expect(await thrownBy(probe(busy))).toMatchObject({
      kind: 'upstream-unavailable',
      detail: 'The stream did not open (HTTP 503)',
    });
    const leaving = await listen((request, socket) => {
      accept(request, socket);
      socket.on('data', () => socket.end(closeFrame(1001, 'going away')));
    });
    expect(await thrownBy(probe(leaving))).toMatchObject({
      detail: 'The stream was closed (close code 1001)',
      upstream: { message: 'going away' },
    });
    for (const close of closing.splice(0)) await close();
    expect(await thrownBy(probe(leaving))).toMatchObject({
      detail: 'The stream did not open (ECONNREFUSED)',
    });
  });

  it('waits no longer than it was told, whether or not the stream opened', async () => {
    const mute = await listen(accept);
    expect(await thrownBy(probe(mute, { timeoutMs: 50 }))).toMatchObject({
      kind: 'upstream-unavailable',
      detail: 'The stream opened, but gave no sign of life within 50 ms',
    });
    const deaf = await listen(() => undefined);
    expect(await thrownBy(probe(deaf, { timeoutMs: 50 }))).toMatchObject({
      detail: 'The stream did not open within 50 ms',
    });
  });

  it('ends with the reason of the signal that stopped it', async () => {
    const stop = new AbortController();
    const reason = new Error('shutting down');
    const url = await listen(() => stop.abort(reason));
    expect(await thrownBy(probe(url, { signal: stop.signal }))).toBe(reason);
  });
});
