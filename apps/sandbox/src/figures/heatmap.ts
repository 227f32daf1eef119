import type { Instrument } from '../instruments/instrument.ts';
import { candlesAlong, numericString, rounded } from './candles.ts';
import { priceUsd } from './market.ts';
import { chance, seedOf } from './noise.ts';

const hourMs = 3_600_000;
export const heatmapRangesMs: Readonly<Record<string, number>> = {
  '12h': 12 * hourMs,
  '24h': 24 * hourMs,
  '3d': 72 * hourMs,
  '7d': 168 * hourMs,
  '30d': 720 * hourMs,
  '90d': 2160 * hourMs,
  '180d': 4320 * hourMs,
  '1y': 8760 * hourMs,
};
const columns = 144;
const levels = 60;

/** Where liquidations would pile up: price levels, `[column, level, dollars]` and candles in SECONDS with text figures. */
export function heatmap(instrument: Instrument, rangeMs: number, now: number): unknown {
  const stepMs = rangeMs / columns;
  const end = Math.floor(now / stepMs) * stepMs;
  const openTimes = Array.from({ length: columns }, (_, at) => end - (columns - at) * stepMs);
  const price = priceUsd(instrument.coin);
  const label = `heatmap ${instrument.exchange} ${instrument.id}`;
  const line = (time: number): number => price(time) * instrument.coinsPerBase;
  const candles = candlesAlong(line, label, openTimes, {
    intervalMs: stepMs,
    now,
    wick: (open) => open * 0.004,
  });
  const lowest = Math.min(...candles.map(({ low }) => low)) * 0.95;
  const highest = Math.max(...candles.map(({ high }) => high)) * 1.05;
  const seed = seedOf(label);
  const usual = instrument.coin.openInterestUsd * instrument.share * 0.002;
  const cells: [number, number, number][] = [];
  openTimes.forEach((time, column) => {
    for (let level = 0; level < levels; level += 1) {
      const heat = chance(seed + level, time / 1000);
      if (heat > 0.85) cells.push([column, level, rounded(usual * (heat - 0.85), 2)]);
    }
  });
  return {
    y_axis: Array.from({ length: levels }, (_, level) =>
      rounded(lowest + ((highest - lowest) * level) / (levels - 1), 8),
    ),
    liquidation_leverage_data: cells,
    price_candlesticks: candles.map(({ time, open, high, low, close }) => [
      Math.floor(time / 1000),
      ...[open, high, low, close].map((figure) => numericString(figure, 8)),
      numericString(usual * (1 + chance(~seed, time / 1000)), 2),
    ]),
  };
}
