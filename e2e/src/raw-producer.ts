import { spawn, spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { root } from './processes.ts';

export const pythonIsHere = spawnSync('python3', ['--version']).status === 0;
if (!pythonIsHere) {
  process.stderr.write(
    'SKIPPED: python3 is not on the PATH, the producer that is not ours is not tried\n',
  );
}

export interface RawOrder {
  readonly id: string;
  /** Sent as it is, JSON or not. */
  readonly data: string;
  /** Under the short names that BullMQ stores. */
  readonly opts?: Readonly<Record<string, unknown>>;
}

/** BullMQ's own add script, out of the package that the house uses. */
const scriptFile = join(
  dirname(createRequire(import.meta.url).resolve('bullmq/package.json')),
  'dist/cjs/scripts/addStandardJob-9.js',
);

/** Adds jobs by a Python program that knows neither BullMQ nor the house; gives what it was told of each. */
export const addRaw = async (
  redisPort: number,
  orders: readonly RawOrder[],
): Promise<{ readonly id?: string; readonly error?: string }[]> => {
  const program = join(root, 'e2e/producers/raw_producer.py');
  const child = spawn('python3', [program, String(redisPort), scriptFile]);
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  for (const order of orders) child.stdin.write(`${JSON.stringify(order)}\n`);
  child.stdin.end();
  const code = await new Promise((on) => child.once('close', on));
  if (code !== 0) throw new Error(`raw_producer.py: ${errors}`);
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { id?: string; error?: string });
};
