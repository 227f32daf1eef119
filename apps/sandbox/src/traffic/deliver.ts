import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createGzip, gzip } from 'node:zlib';
import type { Delivery } from './delivery.ts';

const compress = promisify(gzip);
/** Smaller bodies are not worth compressing. */
const gzipFromBytes = 1024;
const blanks = Buffer.alloc(64 * 1024, ' ');

function* filler(bytes: number): Generator<Buffer> {
  const head = Buffer.from('{"code":"0","msg":"success","data":[');
  const tail = Buffer.from(']}');
  yield head;
  for (let left = bytes - head.length - tail.length; left > 0; left -= blanks.length) {
    yield blanks.subarray(0, Math.min(left, blanks.length));
  }
  yield tail;
}

async function sendWhole(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: Delivery,
): Promise<void> {
  const plain = Buffer.from(body);
  const wantsGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  const packed = wantsGzip && plain.length >= gzipFromBytes;
  const bytes = packed ? await compress(plain, { level: 1 }) : plain;
  response.writeHead(status ?? 200, {
    ...headers,
    ...(packed && { 'content-encoding': 'gzip' }),
    'content-length': bytes.length,
  });
  response.end(bytes);
}

async function sendHalf(response: ServerResponse, { status, headers, body }: Delivery) {
  const bytes = Buffer.from(body);
  response.writeHead(status ?? 200, { ...headers, 'content-length': bytes.length });
  // Only when the first half has left: a reset would drop what is still buffered.
  await new Promise<void>((resolve) => {
    response.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => resolve());
  });
  response.socket?.resetAndDestroy();
}

async function dribble(
  response: ServerResponse,
  { status, headers, body }: Delivery,
  { everyMs, chunkBytes }: { readonly everyMs: number; readonly chunkBytes: number },
): Promise<void> {
  const bytes = Buffer.from(body);
  response.writeHead(status ?? 200, { ...headers, 'content-length': bytes.length });
  for (let at = 0; at < bytes.length && !response.destroyed; at += chunkBytes) {
    response.write(bytes.subarray(at, at + chunkBytes));
    await sleep(everyMs, undefined, { ref: false });
  }
  response.end();
}

async function sendFiller(
  response: ServerResponse,
  { status, headers }: Delivery,
  { bytes, gzip: packed }: { readonly bytes: number; readonly gzip: boolean },
): Promise<void> {
  const source = Readable.from(filler(bytes));
  response.writeHead(status ?? 200, { ...headers, ...(packed && { 'content-encoding': 'gzip' }) });
  await (packed ? pipeline(source, createGzip(), response) : pipeline(source, response));
}

/** Puts a delivery on the wire in its manner. Resolves when nothing more will be sent; a client that went away is no error. */
export async function deliver(
  request: IncomingMessage,
  response: ServerResponse,
  delivery: Delivery,
): Promise<void> {
  const { manner } = delivery;
  try {
    switch (manner.kind) {
      case 'whole':
        return await sendWhole(request, response, delivery);
      case 'reset':
        return await sendHalf(response, delivery);
      case 'silence':
        return;
      case 'dribble':
        return await dribble(response, delivery, manner);
      case 'filler':
        return await sendFiller(response, delivery, manner);
    }
  } catch (thrown) {
    if (!response.destroyed) throw thrown;
  }
}
