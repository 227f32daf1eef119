import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip } from 'node:zlib';
import { Failure } from '../failures.ts';
import { errorCodeOf } from './error-code.ts';
import { Garbled } from './garbled.ts';

/** Reading a body within bounds, on the wire and decompressed: a few kB can hold gigabytes. */

/** The bytes as sent; undefined when there are more than `bytesMax`, in which case the rest is not awaited. */
export const readBounded = async (
  body: Readable,
  bytesMax: number,
): Promise<Buffer | undefined> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bytesMax) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

type Unpack = (packed: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>;

const unpackings: Readonly<Record<string, Unpack>> = {
  identity: (bytes) => Promise.resolve(bytes),
  gzip: promisify(gunzip),
  br: promisify(brotliDecompress),
};

/** What we offer in `accept-encoding`. */
export const acceptedEncodings = 'gzip, br';

interface Packing {
  readonly encoding: string;
  readonly bytesMax: number;
  /** For the failure only. */
  readonly status: number;
}

/** The text of a body. It must be UTF-8: replaced characters would be figures that nobody sent. */
export const textOf = async (packed: Buffer, packing: Packing): Promise<string> => {
  const { encoding, bytesMax, status } = packing;
  const garbled = (detail: string) => new Garbled(detail, { upstream: { status } });
  const unpack = Object.hasOwn(unpackings, encoding) ? unpackings[encoding] : undefined;
  if (!unpack) throw garbled('The answer is packed in a way that we did not offer');
  try {
    const bytes = await unpack(packed, { maxOutputLength: bytesMax });
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (thrown) {
    throw errorCodeOf(thrown) === 'ERR_BUFFER_TOO_LARGE'
      ? tooLarge(bytesMax, 'unpacked', status)
      : garbled('The answer cannot be unpacked');
  }
};

/** Asked again, it would be as large: so no `Garbled`. */
export const tooLarge = (bytesMax: number, where: 'on the wire' | 'unpacked', status: number) =>
  new Failure('upstream-malformed', `The answer has more than ${bytesMax} bytes ${where}`, {
    upstream: { status },
  });
