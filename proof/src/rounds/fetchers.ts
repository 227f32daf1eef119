import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { FetcherOrders } from './fetcher.ts';

/** The processes of the rounds. Each is ended by its own id, and ends by itself when this process is gone. */
export interface Fetchers {
  /** Resolves when all are at work. */
  start(): Promise<void>;
  /** The n-th is killed, and another one takes its place; resolves when that is at work. */
  kill(n: number): Promise<void>;
  /** The n-th stands still for so long. */
  freeze(n: number, forMs: number): void;
  stop(): Promise<void>;
}

const START_MAX_MS = 60_000;
const program = join(import.meta.dirname, '../../run.mjs');

export const createFetchers = (count: number, orders: FetcherOrders): Fetchers => {
  const children: ChildProcess[] = [];
  const thaws = new Set<NodeJS.Timeout>();

  const spawnOne = (): ChildProcess =>
    spawn(process.execPath, [program, 'rounds/fetcher', JSON.stringify(orders)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });

  const isUp = async (child: ChildProcess): Promise<void> => {
    const signal = AbortSignal.timeout(START_MAX_MS);
    const ended = once(child, 'exit', { signal }).then(() => {
      throw new Error('a process of the rounds ended by itself');
    });
    // Whichever comes second is nobody's any more.
    ended.catch(() => undefined);
    await Promise.race([once(child, 'message', { signal }), ended]);
  };

  const end = async (child: ChildProcess | undefined): Promise<void> => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };

  return {
    async start() {
      for (let n = 0; n < count; n += 1) children.push(spawnOne());
      await Promise.all(children.map(isUp));
    },
    async kill(n) {
      await end(children[n % count]);
      const next = spawnOne();
      children[n % count] = next;
      await isUp(next);
    },
    freeze(n, forMs) {
      const child = children[n % count];
      child?.kill('SIGSTOP');
      const thaw = setTimeout(() => {
        child?.kill('SIGCONT');
        thaws.delete(thaw);
      }, forMs);
      thaws.add(thaw);
    },
    async stop() {
      for (const thaw of thaws) clearTimeout(thaw);
      await Promise.all(children.map(end));
    },
  };
};
