/**
 * Invented numbers that are always the same: everything the sandbox makes up is a hash of a label and
 * an index, so a figure can be asked for a thousand times, in any order, by any process.
 */

/** 32-bit FNV-1a of a label. */
export function seedOf(label: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < label.length; at += 1) {
    hash = Math.imul(hash ^ label.charCodeAt(at), 0x01000193);
  }
  return hash >>> 0;
}

/** A number in [0, 1), evenly spread over whole `index`es below 2^32. */
export function chance(seed: number, index: number): number {
  let hash = seed ^ Math.imul(index | 0, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

const minute = 60_000;
const octaves = [
  { periodMs: 30 * 1440 * minute, weight: 0.5 },
  { periodMs: 3 * 1440 * minute, weight: 0.25 },
  { periodMs: 480 * minute, weight: 0.15 },
  { periodMs: 60 * minute, weight: 0.07 },
  { periodMs: 5 * minute, weight: 0.03 },
] as const;

/** A continuous line through time within [-1, 1]: slow tides with smaller, faster waves on them. */
export function wave(seed: number, timeMs: number): number {
  let sum = 0;
  for (const { periodMs, weight } of octaves) {
    const knot = Math.floor(timeMs / periodMs);
    const along = timeMs / periodMs - knot;
    const before = chance(seed ^ periodMs, knot);
    const after = chance(seed ^ periodMs, knot + 1);
    sum += weight * (2 * (before + (after - before) * along) - 1);
  }
  return sum;
}
