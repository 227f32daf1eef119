import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Played } from './play.ts';

const workerFile = join(import.meta.dirname, '../../canary-worker.mjs');

/** Plays the scenarios in `atOnce` threads; in their order, whichever ends first. */
export const playAll = async (
  names: readonly string[],
  runs: number,
  seed: number,
  atOnce: number,
): Promise<readonly Played[]> => {
  const results = new Map<string, Played>();
  const waiting = [...names];
  const thread = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(workerFile);
      const next = (): void => {
        const name = waiting.shift();
        if (name === undefined) void worker.terminate().then(() => resolve());
        else worker.postMessage({ name, runs, seed });
      };
      worker.on('error', reject);
      worker.on('message', (played: Played) => {
        results.set(played.name, played);
        process.stderr.write(played.missed.length > 0 ? 'x' : '.');
        next();
      });
      next();
    });
  await Promise.all(Array.from({ length: Math.min(atOnce, names.length) }, thread));
  process.stderr.write('\n');
  return names.map((name) => results.get(name)!);
};
