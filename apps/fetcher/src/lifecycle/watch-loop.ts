import inspector from 'node:inspector';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

export interface WatchLoopOptions {
  /** An event loop that has not turned for so long never will again: the process is killed. */
  readonly silentMaxMs: number;
  /** Kills the process, too, when the one that started it is gone. */
  readonly endsWithParent?: boolean;
}

const beatMs = 500;

/** What the watching thread is given; the counter is shared memory. */
interface Watch extends Required<WatchLoopOptions> {
  readonly watchLoop: true;
  readonly beats: Int32Array;
}

/**
 * Watches this process's event loop from a thread of its own. A process in an endless loop renews no lock and hears no signal;
 * killed, its jobs come back and whoever supervises it starts another. Not while a debugger may hold the process.
 */
export const watchLoop = ({ silentMaxMs, endsWithParent = false }: WatchLoopOptions): void => {
  if (inspector.url() !== undefined) return;
  const beats = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  setInterval(() => Atomics.add(beats, 0, 1), beatMs).unref();
  const watch: Watch = { watchLoop: true, beats, silentMaxMs, endsWithParent };
  new Worker(new URL(import.meta.url), { workerData: watch, execArgv: [] }).unref();
};

/** Counts its own looks, not time: when the machine slept or the process was stopped, nobody is late. */
const keepWatch = ({ beats, silentMaxMs, endsWithParent }: Watch): void => {
  const parent = process.ppid;
  let heard = -1;
  let silentMs = 0;
  setInterval(() => {
    const beat = Atomics.load(beats, 0);
    silentMs = beat === heard ? silentMs + beatMs : 0;
    heard = beat;
    const orphan = endsWithParent && process.ppid !== parent;
    if (orphan || silentMs > silentMaxMs) process.kill(process.pid, 'SIGKILL');
  }, beatMs);
};

const isWatch = (data: unknown): data is Watch =>
  typeof data === 'object' && data !== null && 'watchLoop' in data;
if (!isMainThread && isWatch(workerData)) keepWatch(workerData);
