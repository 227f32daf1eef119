import { describe, expect, it } from '@jest/globals';
import { createMask } from './mask.ts';

const secret = 'k3y/with "quotes" & +é';

describe('the mask', () => {
  const mask = createMask(['irrelevant-0000', secret]);

  it.each([
    ['as it is', secret],
    ['escaped for JSON', JSON.stringify({ secret })],
    ['escaped for JSON inside JSON', JSON.stringify({ body: JSON.stringify({ secret }) })],
    ['URL-encoded', `https://x.example/?key=${encodeURIComponent(secret)}&a=1`],
    ['as a form field', new URLSearchParams({ secret }).toString()],
    ['in hex', Buffer.from(secret).toString('hex')],
    ['in base64', Buffer.from(secret).toString('base64')],
    ['in basic authorization', `Basic ${Buffer.from(`me:${secret}`).toString('base64')}`],
    ['in base64 between other bytes', Buffer.from(`ab${secret}yz`).toString('base64url')],
  ])('hides a secret %s', (_how, text) => {
    const masked = mask(`before ${text} after`);
    expect(masked).toContain('***');
    expect(masked).toMatch(/^before .* after$/);
    expect(masked).not.toContain(secret);
    expect(decodeURIComponent(masked.replaceAll('+', ' '))).not.toContain('quotes');
    for (const piece of masked.split(/[^A-Za-z0-9+/_-]+/))
      expect(Buffer.from(piece, 'base64').toString()).not.toContain('quotes');
  });

  it('leaves every other text alone', () => {
    expect(mask('nothing to see')).toBe('nothing to see');
    expect(createMask([])('abc')).toBe('abc');
  });

  it('does not blank everything for a secret too short to be found', () => {
    expect(createMask(['e', ''])('here')).toBe('here');
  });
});
