import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { answerKeyOf, askIdOf, type AnswerIdentity } from './keys.ts';

/** Few and awkward, so that near misses are drawn: separators, quotes, empty, parts that run together. */
const word = fc.oneof(
  fc.constantFrom(
    '',
    'a',
    'b',
    'ab',
    '"',
    ',',
    '":"',
    'a","b',
    '\\',
    '\u0000',
    '["a"]',
    '\ud800',
    '\\ud800',
  ),
  fc.string({ maxLength: 6 }),
);
const identity: fc.Arbitrary<AnswerIdentity> = fc.record({
  origin: word,
  plan: word,
  endpoint: word,
  params: fc.dictionary(word, word, { maxKeys: 3 }),
});

const meaning = ({ origin, plan, endpoint, params }: AnswerIdentity): unknown => ({
  origin,
  plan,
  endpoint,
  params: new Map(Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1))),
});

const sameMeaning = (a: AnswerIdentity, b: AnswerIdentity): boolean => {
  try {
    expect(meaning(a)).toEqual(meaning(b));
    return true;
  } catch {
    return false;
  }
};

describe('the answer key', () => {
  it('is the same for two asks exactly when they mean the same', () => {
    fc.assert(
      fc.property(identity, identity, (a, b) => {
        expect(answerKeyOf(a) === answerKeyOf(b)).toBe(sameMeaning(a, b));
      }),
      { numRuns: 2_000 },
    );
  });

  it('differs as soon as any one part differs', () => {
    fc.assert(
      fc.property(identity, word, fc.integer({ min: 0, max: 4 }), (a, other, part) => {
        const changed = [
          { ...a, origin: `${a.origin}${other}x` },
          { ...a, plan: `${a.plan}${other}x` },
          { ...a, endpoint: `${a.endpoint}${other}x` },
          { ...a, params: { ...a.params, extra: `${a.params['extra'] ?? ''}${other}x` } },
          { ...a, onTrial: `${other}x` },
        ][part]!;
        expect(answerKeyOf(changed)).not.toBe(answerKeyOf(a));
      }),
    );
  });

  it('differs wherever the same text falls apart differently', () => {
    const separator = fc.constantFrom(',', ':', '|', '"', '","', '\\', '=', '&', '');
    const parts = fc.array(fc.constantFrom('a', 'b', '1'), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(separator, parts, (between, [w = '', x = '', y = '', z = '']) => {
        const of = (more: Partial<AnswerIdentity>): string =>
          answerKeyOf({ origin: 'o', plan: 'p', endpoint: 'e', params: {}, ...more });
        const join = (...words: string[]): string => words.join(between);
        const keys = [
          of({ origin: join(w, x), plan: y, endpoint: z }),
          of({ origin: w, plan: join(x, y), endpoint: z }),
          of({ origin: w, plan: x, endpoint: join(y, z) }),
          of({ origin: w, plan: x, endpoint: y, params: { [z]: '' } }),
          of({ params: { k: join(w, 'l', x) } }),
          of({ params: { k: w, l: x } }),
          of({ params: { [join('k', w)]: x } }),
          of({ params: { k: join(w, x) } }),
        ];
        expect(new Set(keys).size).toBe(keys.length);
      }),
    );
  });

  it('does not depend on the order in which params were given', () => {
    fc.assert(
      fc.property(identity, (a) => {
        const reversed = Object.fromEntries(Object.entries(a.params).reverse());
        expect(answerKeyOf({ ...a, params: reversed })).toBe(answerKeyOf(a));
      }),
    );
  });

  it('names the version of the stored shape, and is fit for URLs and Redis keys', () => {
    const key = answerKeyOf({ origin: 'https://x', plan: 'standard', endpoint: 'e', params: {} });
    expect(key).toMatch(/^v1\.[\w-]{22}$/);
  });
});

describe('the ask id', () => {
  it('keeps strict asks, probes and calls of a client on trial apart from those that may be answered otherwise', () => {
    const flags = [true, false].flatMap((strict) =>
      [true, false].flatMap((fresh) =>
        [true, false].map((onTrial) => ({ strict, fresh, onTrial })),
      ),
    );
    expect(new Set(flags.map((each) => askIdOf('v1.k', each))).size).toBe(8);
  });
});
