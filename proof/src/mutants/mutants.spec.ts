import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mutants } from './mutants.ts';

const root = join(__dirname, '../../..');

describe('a mutant', () => {
  it.each(mutants.map((mutant) => [mutant.store, mutant.name, mutant] as const))(
    'of the %s has a place in the sources: %s',
    (_store, _name, { patches }) => {
      expect(patches.length).toBeGreaterThan(0);
      for (const { file, find, replace } of patches) {
        const times = readFileSync(join(root, file), 'utf8').split(find).length - 1;
        expect({ file, find, times }).toEqual({ file, find, times: 1 });
        expect(replace).not.toBe(find);
      }
    },
  );
});
