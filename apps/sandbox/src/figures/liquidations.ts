import type { Instrument } from '../instruments/instrument.ts';
import { chance, seedOf } from './noise.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;

/**
 * What was liquidated of one side of one contract between two moments, in US dollars. Every hour has a total and
 * hands it out over its minutes, so a coarse bucket is the sum of the fine ones inside it.
 */
export type Liquidated = (fromMs: number, untilMs: number) => number;

export function liquidatedUsd(instrument: Instrument, side: 'long' | 'short'): Liquidated {
  const seed = seedOf(`${side} liquidations ${instrument.exchange} ${instrument.id}`);
  const usual = instrument.coin.openInterestUsd * instrument.share * 0.00006;
  // Most hours are calm, a few are storms.
  const totalOf = (hour: number): number => {
    // To the twelfth, multiplied out: `**` is many times slower, and a year has many hours.
    const once = chance(seed, hour);
    const cubed = once * once * once;
    const sixth = cubed * cubed;
    return usual * (0.3 + 40 * sixth * sixth);
  };

  let last: { readonly hour: number; readonly upTo: readonly number[] } | undefined;
  const weightsUpTo = (hour: number): readonly number[] => {
    if (last?.hour !== hour) {
      const upTo = [0];
      for (let minute = 0; minute < 60; minute += 1) {
        upTo.push((upTo[minute] ?? 0) + chance(~seed, hour * 60 + minute));
      }
      last = { hour, upTo };
    }
    return last.upTo;
  };
  const shareUpTo = (hour: number, atMs: number): number => {
    const upTo = weightsUpTo(hour);
    const minutes = (atMs - hour * hourMs) / minuteMs;
    const whole = Math.floor(minutes);
    const before = upTo[whole] ?? 0;
    const after = upTo[whole + 1] ?? before;
    return (before + (after - before) * (minutes - whole)) / (upTo[60] ?? 1);
  };

  return (fromMs, untilMs) => {
    let sum = 0;
    for (let hour = Math.floor(fromMs / hourMs); hour * hourMs < untilMs; hour += 1) {
      const startMs = Math.max(fromMs, hour * hourMs);
      const endMs = Math.min(untilMs, (hour + 1) * hourMs);
      const share =
        endMs - startMs === hourMs ? 1 : shareUpTo(hour, endMs) - shareUpTo(hour, startMs);
      sum += totalOf(hour) * share;
    }
    return sum;
  };
}
