import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';

const read = (/** @type {string} */ path) =>
  readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** The table rows of the README that begin with a variable: names and defaults stand in the same order. */
const rows = [...read('README.md').matchAll(/^\| (`[A-Z][A-Z0-9_]+`[^|]*) \| ([^|]*) \|/gm)].map(
  ([, names = '', defaults = '']) => ({
    names: [...names.matchAll(/`([A-Z0-9_]+)/g)].map(([, name]) => name),
    defaults: defaults.split(',').map((each) => each.replaceAll('`', '').trim()),
  }),
);

describe('the table of settings in the README', () => {
  const settings = [...read('.env.example').matchAll(/^#([A-Z][A-Z0-9_]+)=(.*)$/gm)]
    .map(([, name = '', value = '']) => ({ name, value }))
    .filter(({ name }) => !name.startsWith('OTEL_'));

  it('has every setting of .env.example', () => {
    const told = rows.flatMap(({ names }) => names);
    assert.ok(settings.length > 20);
    for (const { name } of settings) assert.ok(told.includes(name), `${name} is missing`);
    for (const name of told)
      assert.ok(
        String(name).startsWith('OTEL_') || settings.some((setting) => setting.name === name),
        `${name} is not in .env.example`,
      );
  });

  it('has the same defaults', () => {
    for (const { name, value } of settings) {
      const row = rows.find(({ names }) => names.includes(name));
      const at = row?.names.indexOf(name) ?? -1;
      if (value !== '') assert.ok(row?.defaults[at]?.includes(value), `${name} is ${value}`);
    }
  });
});
