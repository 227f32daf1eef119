import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { flagRow, flagTable } from './flag-table.ts';
import { lintFlags } from './lint-flags.ts';
import { defaults } from './testing/documents.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/flags.md'), 'utf8');
const rows = page.split('\n').filter((line) => /^\| `[a-z].*\| \w+ \| .*\|$/.test(line));

describe('docs/flags.md', () => {
  it('has the table that the code has, and no other', () => {
    const documented = Object.entries(flagTable).map(
      ([key, { type, default: value, owner, expires, summary }]) =>
        `| \`${key}\` | ${type} | \`${JSON.stringify(value)}\` | ${owner} | ${expires} | ${summary} |`,
    );
    expect(rows.slice(0, -1)).toEqual(documented);
    expect(rows.at(-1)).toMatch(/^\| `endpoint\.<id>` \| boolean \| `true`, heatmaps `false` \|/);
  });
});

describe('config/flags.json', () => {
  it('gives what the table gives, to the last flag', () => {
    const { flags } = defaults();
    expect(lintFlags(defaults(), Object.keys(flagTable))).toEqual([]);
    for (const [key, { variants, defaultVariant }] of Object.entries(flags))
      expect([key, variants[defaultVariant]]).toEqual([key, flagRow(key)?.default]);
  });
});
