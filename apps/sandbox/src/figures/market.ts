import type { Coin } from '../instruments/coins.ts';
import type { Instrument } from '../instruments/instrument.ts';
import { seedOf, wave } from './noise.ts';

/** A figure at any moment (epoch ms). */
export type Line = (timeMs: number) => number;

const nameOf = ({ exchange, id }: Instrument): string => `${exchange} ${id}`;

/** US dollars for one coin (not for a thousand). */
export function priceUsd(coin: Coin): Line {
  const seed = seedOf(`price ${coin.name}`);
  return (time) => coin.priceUsd * Math.exp(0.3 * wave(seed, time));
}

/** Open interest of one contract in US dollars: always positive. */
export function openInterestUsd(instrument: Instrument): Line {
  const seed = seedOf(`open interest ${nameOf(instrument)}`);
  const usual = instrument.coin.openInterestUsd * instrument.share;
  return (time) => usual * Math.exp(0.4 * wave(seed, time));
}

/** Funding rate of one contract in percent, now and then negative. */
export function fundingPercent(instrument: Instrument): Line {
  const tide = seedOf(`funding ${instrument.coin.name}`);
  const own = seedOf(`funding ${nameOf(instrument)}`);
  return (time) => 0.005 + 0.018 * wave(tide, time) + 0.006 * wave(own, time);
}

export const sumOf =
  (lines: readonly Line[]): Line =>
  (time) =>
    lines.reduce((sum, line) => sum + line(time), 0);

/** The mean of `lines`, each weighing as much as its twin in `weights` does at that moment. */
export const weightedMeanOf =
  (lines: readonly Line[], weights: readonly Line[]): Line =>
  (time) => {
    let sum = 0;
    let weightSum = 0;
    lines.forEach((line, at) => {
      const weight = weights[at]?.(time) ?? 0;
      sum += line(time) * weight;
      weightSum += weight;
    });
    return weightSum === 0 ? 0 : sum / weightSum;
  };

export const ratioOf =
  (line: Line, divisor: Line): Line =>
  (time) =>
    line(time) / divisor(time);
