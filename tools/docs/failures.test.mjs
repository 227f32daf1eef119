import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { failures } from '@glasshouse/coinglass-client';
import { failuresPage, pagePath } from './failures.mjs';

describe('docs/reference/failures.md', () => {
  const written = readFileSync(pagePath, 'utf8');

  it('is what the failures table says today', () => {
    assert.ok(
      written === failuresPage(),
      'docs/reference/failures.md is not current: npm run build && npm run docs',
    );
  });

  it('has a row for every kind, with its status', () => {
    for (const [kind, { status }] of Object.entries(failures))
      assert.match(written, new RegExp(`^\\| \`${kind}\` \\| ${status} \\| .{20,} \\|$`, 'm'));
  });
});
