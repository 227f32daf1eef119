import type { Line } from './market.ts';
import { chance, seedOf } from './noise.ts';

export interface Candle {
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/** An unfinished candle moves in steps of this, so answers within one step are the same. */
const stepMs = 10_000;

/** The moment up to which the newest candle has happened. */
export const happenedUntil = (now: number): number => Math.floor(now / stepMs) * stepMs;

/**
 * Candles along a line: each opens where the one before closed. The wicks are hashed from the candle's own time, so
 * only a candle that is still open depends on `now`. `wick` is how far a wick may reach, given the opening figure.
 */
export function candlesAlong(
  line: Line,
  label: string,
  openTimes: readonly number[],
  { intervalMs, now, wick }: { intervalMs: number; now: number; wick: (open: number) => number },
): Candle[] {
  const seed = seedOf(`${label} ${intervalMs}`);
  const until = happenedUntil(now);
  return openTimes.map((time) => {
    const open = line(time);
    const close = line(Math.max(time, Math.min(time + intervalMs, until)));
    const index = time / 60_000;
    return {
      time,
      open,
      high: Math.max(open, close) + wick(open) * chance(seed, index),
      low: Math.min(open, close) - wick(open) * chance(~seed, index),
      close,
    };
  });
}

/** A figure as the vendor sends many of them: text with a fixed number of digits, never `-0`. */
export function numericString(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return /^-[0.]*$/.test(text) ? text.slice(1) : text;
}

/** A figure as a JSON number, rounded like the vendor's. */
export const rounded = (value: number, digits: number): number =>
  Number(numericString(value, digits));
