import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { brotliDecompress, brotliDecompressSync, gunzip, gunzipSync } from 'node:zlib';
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

interface OutputBound {
  readonly maxOutputLength: number;
}

/** A packing, undone here and now, or by another thread. */
interface Unpacking {
  readonly now: (packed: Buffer, bound: OutputBound) => Buffer;
  readonly elsewhere: (packed: Buffer, bound: OutputBound) => Promise<Buffer>;
}

const unpackings: Readonly<Record<string, Unpacking>> = {
  identity: { now: (bytes) => bytes, elsewhere: (bytes) => Promise.resolve(bytes) },
  gzip: { now: gunzipSync, elsewhere: promisify(gunzip) },
  br: { now: brotliDecompressSync, elsewhere: promisify(brotliDecompress) },
};

/** For answers of a few kB the way to another thread and back costs ten times the unpacking, which takes well under a millisecond. */
const smallBytesMax = { packed: 16 * 1024, unpacked: 256 * 1024 };

const unpack = async (
  { now, elsewhere }: Unpacking,
  packed: Buffer,
  bytesMax: number,
): Promise<Buffer> => {
  if (packed.length <= smallBytesMax.packed) {
    try {
      return now(packed, { maxOutputLength: Math.min(bytesMax, smallBytesMax.unpacked) });
    } catch (thrown) {
      if (errorCodeOf(thrown) !== 'ERR_BUFFER_TOO_LARGE') throw thrown;
    }
  }
  return elsewhere(packed, { maxOutputLength: bytesMax });
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
  const unpacking = Object.hasOwn(unpackings, encoding) ? unpackings[encoding] : undefined;
  if (!unpacking) throw garbled('The answer is packed in a way that we did not offer');
  try {
    const bytes = await unpack(unpacking, packed, bytesMax);
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
