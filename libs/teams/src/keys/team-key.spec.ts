import { describe, expect, it } from '@jest/globals';
import { digestOf, drawKey, keyIdAt, keyTextLength, parseKey, sameDigest } from './team-key.ts';

describe('a team key', () => {
  it('is read back as it was drawn, whatever the chance', () => {
    for (const fill of [0, 1, 0x7f, 0xff]) {
      const key = drawKey((bytes) => Buffer.alloc(bytes, fill));
      expect(key.text).toHaveLength(keyTextLength);
      expect(key.text.slice(keyIdAt.from, keyIdAt.to)).toBe(key.id);
      expect(parseKey(key.text)).toEqual(key);
    }
    const drawn = Array.from({ length: 200 }, () => drawKey());
    for (const key of drawn) expect(parseKey(key.text)).toEqual(key);
    expect(new Set(drawn.map(({ id }) => id)).size).toBe(200);
  });

  it('has an id that is no team, since teams are written small', () => {
    for (let n = 0; n < 100; n += 1) expect(drawKey().id).toMatch(/^[A-Z][0-9A-Za-z]{7}$/);
  });

  it('is refused with any one character changed', () => {
    const { text } = drawKey();
    for (let at = 0; at < text.length; at += 1) {
      const other = text[at] === 'a' ? 'b' : 'a';
      expect(parseKey(text.slice(0, at) + other + text.slice(at + 1))).toBeUndefined();
    }
  });

  it.each(['', 'gh_', 'sk-123', `${drawKey().text}x`, ` ${drawKey().text}`, `${drawKey().text}\n`])(
    'is not %j',
    (text) => expect(parseKey(text)).toBeUndefined(),
  );

  it('has a digest that only the same text has', () => {
    const [one, other] = [drawKey().text, drawKey().text];
    expect(sameDigest(digestOf(one), digestOf(one))).toBe(true);
    expect(sameDigest(digestOf(one), digestOf(other))).toBe(false);
  });
});
