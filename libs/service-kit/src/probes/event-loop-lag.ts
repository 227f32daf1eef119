import { performance } from 'node:perf_hooks';

export interface EventLoopLag {
  /** The longest delay of the current and the previous window, a delay still going on included, in ms. */
  lagMs(): number;
  stop(): void;
}

const tickMs = 250;

/**
 * Watches how late the event loop runs a timer. Two windows are kept, so that a block is still seen by a probe that
 * comes shortly after, and forgotten when it is over. (Node's own delay histogram loses the sample across a reset,
 * and with it a block that spans the end of a window.)
 */
export const watchEventLoop = (
  windowMs = 10_000,
  now: () => number = () => performance.now(),
): EventLoopLag => {
  let tickedAt = now();
  let windowBegan = tickedAt;
  let previousMs = 0;
  let currentMs = 0;
  const lateMs = (): number => Math.max(0, now() - tickedAt - tickMs);

  const timer = setInterval(() => {
    currentMs = Math.max(currentMs, lateMs());
    tickedAt = now();
    if (tickedAt - windowBegan < windowMs) return;
    windowBegan = tickedAt;
    previousMs = currentMs;
    currentMs = 0;
  }, tickMs).unref();

  return {
    lagMs: () => Math.max(previousMs, currentMs, lateMs()),
    stop: () => clearInterval(timer),
  };
};
