import { write, writeSync } from 'node:fs';

/** Lines a slow reader leaves behind are kept up to this length, later ones dropped: a log must not fill the memory. */
const waitingMax = 16 * 1024 * 1024;
const retryMs = 20;
/** Lines of this while travel in one write, which costs more than making them. So much is lost of a process that is killed. */
const gatherMs = 5;
/** At the exit a full pipe is waited for this long without any progress: 200 times 10 ms. */
const lastTries = 200;
const lastTryMs = 10;

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'EAGAIN' || error.code === 'EBUSY');

/**
 * Writes log lines to a file descriptor without holding up the event loop, in a write each few milliseconds at most, and what is left at
 * the exit synchronously. A full disk or a closed pipe costs lines, never the service: pino's own destination was tried, and
 * with a full disk its flush at exit never ends.
 */
export const lineWriter = (fd: number): { write(line: string): void } => {
  let waiting: string[] = [];
  let waitingLength = 0;
  /** For the next write, or until the last one is done. */
  let gathering = false;
  /** Refused by a full pipe, about to be tried again. */
  let refused: Buffer | undefined;

  const take = (): Buffer => {
    const bytes = Buffer.from(waiting.join(''));
    waiting = [];
    waitingLength = 0;
    return bytes;
  };

  const send = (bytes: Buffer): void => {
    write(fd, bytes, (error, written) => {
      if (isBusy(error)) {
        refused = bytes;
        setTimeout(() => {
          refused = undefined;
          send(bytes);
        }, retryMs);
      } else if (!error && written < bytes.length) {
        send(bytes.subarray(written));
      } else {
        gathering = false;
        if (waiting.length > 0) gather();
      }
    });
  };

  const gather = (): void => {
    if (gathering) return;
    gathering = true;
    setTimeout(() => send(take()), gatherMs);
  };

  process.once('exit', () => {
    const clock = new Int32Array(new SharedArrayBuffer(4));
    let left = Buffer.concat([refused ?? Buffer.alloc(0), take()]);
    for (let tries = 0; left.length > 0 && tries < lastTries; tries += 1) {
      try {
        left = left.subarray(writeSync(fd, left));
        tries = 0;
      } catch (error) {
        if (!isBusy(error)) return;
        // There is no event loop any more to wait with.
        Atomics.wait(clock, 0, 0, lastTryMs);
      }
    }
  });

  return {
    write: (line) => {
      if (waitingLength + line.length > waitingMax) return;
      waiting.push(line);
      waitingLength += line.length;
      gather();
    },
  };
};
