import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { rawMember } from './raw-member.ts';

/** JSON text as others write it: blanks anywhere, escapes where none are needed. */
const spacing = fc.constantFrom('', ' ', '\n', '\t ', '\r\n');
const spelling = (text: string, escape: boolean) =>
  escape && text !== ''
    ? `"\\u${text.charCodeAt(0).toString(16).padStart(4, '0')}${JSON.stringify(text.slice(1)).slice(1)}`
    : JSON.stringify(text);

const keys = fc.oneof(
  fc.constantFrom('data', 'code', 'msg', 'da"ta', 'data\\', '', '__proto__', '"data":', '{', ']'),
  fc.string({ unit: 'binary' }).filter((key) => key.isWellFormed()),
);
const values = fc.oneof(
  fc.json(),
  fc.constantFrom('-0.5e-7', '"\\""', '"\\\\"', '{"data":[{"data":"}"}]}', '[[["]"]]]', ' null '),
  fc.string().map((text) => JSON.stringify(text)),
);
const member = fc.tuple(keys, fc.boolean(), values, spacing, spacing, spacing, spacing);
const objectText = fc
  .tuple(spacing, fc.array(member, { maxLength: 6 }), spacing)
  .map(([before, members, after]) => {
    const written = members.map(
      ([key, escape, value, a, b, c, d]) => `${a}${spelling(key, escape)}${b}:${c}${value}${d}`,
    );
    return `${before}{${written.join(',')}${written.length === 0 ? before : ''}}${after}`;
  });

describe('the text of a member', () => {
  it('says what JSON.parse says, for any object, duplicate and escaped keys included', () => {
    fc.assert(
      fc.property(objectText, fc.constantFrom('data', 'code', '', '__proto__'), (json, name) => {
        const whole = JSON.parse(json) as Record<string, unknown>;
        const text = rawMember(json, name);
        expect(text !== undefined).toBe(Object.hasOwn(whole, name));
        if (text === undefined) return;
        expect(JSON.parse(text)).toEqual(Object.getOwnPropertyDescriptor(whole, name)?.value);
        expect(text).toBe(text.trim());
      }),
      { numRuns: 500 },
    );
  });

  it('keeps digits, order and blanks as they were sent', () => {
    const data = '[ {"b": 1.10, "a": 12345678901234567890} ]';
    expect(rawMember(`{"code":"0","data": ${data} ,"msg":""}`, 'data')).toBe(data);
  });

  it('finds nothing in what is no object', () => {
    for (const json of ['[{"data":1}]', '"data"', 'null', '1'])
      expect(rawMember(json, 'data')).toBeUndefined();
  });
});
