import { createWriteStream } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** What came was not all: the file is not put in its place. */
export class IncompleteRows extends Error {
  override readonly name = 'IncompleteRows';
}

/** Writes beside the file, counts, and puts it in its place in one step: whoever reads it never sees half of it. */
export const saveRows = async (
  out: string,
  body: ReadableStream<Uint8Array>,
  linesExpected: number,
): Promise<void> => {
  const part = `${out}.part`;
  let lines = 0;
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      for (const byte of chunk) if (byte === 10) lines += 1;
      done(null, chunk);
    },
  });
  try {
    const source = Readable.fromWeb(body);
    await pipeline(source, counter, createWriteStream(part));
  } catch (cause) {
    throw new IncompleteRows(`the rows broke off after ${lines} lines`, { cause });
  }
  if (lines !== linesExpected) {
    throw new IncompleteRows(`${lines} lines came instead of ${linesExpected}`);
  }
  const file = await open(part, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(part, out);
};
