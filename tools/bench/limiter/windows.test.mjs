import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mostInAligned, mostInSliding, shareUsed } from './windows.mjs';

const arrivals = [0, 900, 950, 1_000, 1_899, 1_950].map((at) => ({ at, allowed: at !== 1_950 }));

test('a sliding window holds its beginning and not its end', () => {
  assert.equal(mostInSliding(arrivals, 1_000), 4);
  assert.equal(
    mostInSliding(
      [
        { at: 0, allowed: true },
        { at: 1_000, allowed: true },
      ],
      1_000,
    ),
    1,
  );
});

test('an aligned window begins at a multiple of its length', () => {
  assert.equal(mostInAligned(arrivals, 1_000), 3);
  assert.equal(mostInAligned([], 1_000), 0);
});

test('refused requests, and those after the end, are no use of the limit', () => {
  const terms = { limit: 4, windowMs: 950, startAt: 0, windows: 2 };
  assert.equal(shareUsed(arrivals, terms), 5 / 8);
  assert.equal(shareUsed(arrivals, { ...terms, windows: 1 }), 2 / 4);
});
