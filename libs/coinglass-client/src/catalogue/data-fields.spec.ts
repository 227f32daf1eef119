import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { moment, momentIfAny, numeric, numericIfAny } from './data-fields.ts';

describe('a figure', () => {
  it.each(['0', '-0.005063', '1.50', '1e-7', '1E+3', '12345678901234567890', '2369935.19562'])(
    'keeps the digits of %s',
    (digits) => {
      expect(JSON.stringify(numeric.parse(digits))).toBe(digits);
    },
  );

  it.each([
    ['NaN'],
    [''],
    [' 1'],
    ['1 '],
    ['+1'],
    ['.5'],
    ['1.'],
    ['01'],
    ['1e999'],
    ['-1e999'],
    ['Infinity'],
    ['0x10'],
    ['1_000'],
    ['1,000'],
    ['9'.repeat(65)],
    ['1"},{"x":1'],
    [null],
    [undefined],
    [true],
    [NaN],
    [Infinity],
    [{ rawJSON: '1' }],
  ])('is not %j, and is never 0 instead', (value) => {
    expect(numeric.safeParse(value).success).toBe(false);
  });

  it('may be null or absent only where the vendor leaves figures out', () => {
    expect(numericIfAny.parse(null)).toBeNull();
    expect(numericIfAny.parse(undefined)).toBeUndefined();
    expect(numericIfAny.safeParse('').success).toBe(false);
  });

  it('never changes a value, whatever string it comes in', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.double().map(String)), (text) => {
        const parsed = numeric.safeParse(text);
        if (!parsed.success) return;
        expect(JSON.stringify(parsed.data)).toBe(text);
        expect(Number.isFinite(JSON.parse(text))).toBe(true);
      }),
    );
  });
});

describe('a moment', () => {
  it.each([
    ['seconds', 1722676500, 1722676500000],
    ['ms', 1658880000000, 1658880000000],
    ['microseconds', 1658880000000123, 1658880000000],
    ['nanoseconds', 1745224505000000000, 1745224505000],
    ['ms as text', '1658880000000', 1658880000000],
  ])('in %s becomes ms', (_unit, sent, ms) => {
    expect(moment.parse(sent)).toBe(ms);
  });

  it.each([0, -1, 5, 1.5e12 + 0.5, NaN, '2026-04-29 16:00:00', '', null, undefined])(
    'is not %j',
    (value) => {
      expect(moment.safeParse(value).success).toBe(false);
    },
  );

  it('may be 0 in lists, where it means never', () => {
    expect(momentIfAny.parse(0)).toBe(0);
    expect(momentIfAny.parse(null)).toBeNull();
    expect(momentIfAny.parse(1745225312)).toBe(1745225312000);
    expect(momentIfAny.safeParse('soon').success).toBe(false);
  });
});
