import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { FetcherOrders } from './fetcher.ts';

/** The processes of the rounds. Each is ended by its own id, and ends by itself when this process is gone. */
export interface Fetchers {
  start(): void;
  /** The n-th is killed, and another one takes its place. */
  kill(n: number): Promise<void>;
  /** The n-th stands still for so long. */
  freeze(n: number, forMs: number): void;
  stop(): Promise<void>;
}

const program = join(import.meta.dirname, '../../run.mjs');

export const createFetchers = (count: number, orders: FetcherOrders): Fetchers => {
  const children: ChildProcess[] = [];
  const thaws = new Set<NodeJS.Timeout>();

  const spawnOne = (): ChildProcess =>
    spawn(process.execPath, [program, 'rounds/fetcher', JSON.stringify(orders)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });

  const end = async (child: ChildProcess | undefined): Promise<void> => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };

  return {
    start() {
      for (let n = 0; n < count; n += 1) children.push(spawnOne());
    },
    async kill(n) {
      await end(children[n % count]);
      children[n % count] = spawnOne();
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
