import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { maskValues } from './mask.ts';
import { boundedText, snippetOf } from './vendor-text.ts';

const plain = (text: string) => text;

describe('text of the vendor', () => {
  it('never exceeds its bound and never carries an unprintable character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 900 }), (text) => {
        for (const safe of [boundedText(text, 100), snippetOf(text, plain)]) {
          expect(safe).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
          expect(safe.isWellFormed()).toBe(true);
        }
        expect(boundedText(text, 100).length).toBeLessThanOrEqual(100);
        expect(Buffer.byteLength(snippetOf(text, plain))).toBeLessThanOrEqual(512);
      }),
    );
  });

  it('spells control characters out, so that no log line is forged', () => {
    expect(boundedText('ok\r\n{"level":60}\u001b[31m')).toBe(
      'ok\\u{000d}\\u{000a}{"level":60}\\u{001b}[31m',
    );
  });

  it('cuts a snippet after masking, so that no half of a key is left', () => {
    const key = '0123456789abcdef0123456789abcdef';
    const snippet = snippetOf(
      `${'x'.repeat(500)}${key}`,
      maskValues(() => [key]),
    );
    expect(snippet).toBe(`${'x'.repeat(500)}[masked]`);
  });
});

describe('the mask', () => {
  it('takes a secret out wherever and however it is written', () => {
    const mask = maskValues(() => ['Key+With/Signs', '']);
    expect(mask('a Key+With/Signs b key+with/signs c Key%2BWith%2FSigns')).toBe(
      'a [masked] b [masked] c [masked]',
    );
    expect(mask('nothing here')).toBe('nothing here');
  });

  it('leaves a text alone when there is no secret', () => {
    expect(maskValues(() => [])('abc')).toBe('abc');
  });
});
