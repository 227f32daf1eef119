import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { withVariant } from '../document/edits.ts';
import { FlagsError } from '../flags-error.ts';
import { defaults } from '../testing/documents.ts';
import { defaultsIn } from './defaults-file.ts';

describe('the file of defaults', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'flags-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is read anew at each call, and the last good one stands for one that is broken', () => {
    const file = join(folder, 'flags.json');
    const edited = withVariant(defaults(), 'vendor.egress.enabled', 'off');
    writeFileSync(file, '{}');
    expect(() => defaultsIn(file, ['canary.auto'])).toThrow(FlagsError);
    writeFileSync(file, JSON.stringify(defaults()));
    const current = defaultsIn(file, ['canary.auto']);
    expect(current()).toEqual(defaults());
    writeFileSync(file, JSON.stringify(edited));
    expect(current()).toEqual(edited);
    writeFileSync(file, '{ broken');
    expect(current()).toEqual(edited);
  });
});
