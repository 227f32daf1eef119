import { describe, expect, it } from '@jest/globals';
import { createFlags } from '../flags.ts';
import { FlagsError } from '../flags-error.ts';
import { defaults } from '../testing/documents.ts';
import { flagOf, withMissing, withSplit, withValue, withVariant } from './edits.ts';
import { flagChanges } from './flag-changes.ts';
import type { FlagDocument } from './flag-document.ts';

const arm = 'coinglass.arm';
const ignore = (): void => undefined;
const logger = { info: ignore, warn: ignore, error: ignore };

const canaries = async (document: FlagDocument, calls = 2_000): Promise<Set<string>> => {
  const flags = createFlags({ document, logger });
  const ids = Array.from({ length: calls }, (_, at) => `call-${at}`);
  const readings = await Promise.all(ids.map((id) => flags.string(arm, { targetingKey: id })));
  flags.close();
  return new Set(ids.filter((_, at) => readings[at]?.value === 'canary'));
};

describe('an edit of a document', () => {
  it('leaves the document it was given', () => {
    const document = defaults();
    withVariant(document, arm, 'canary');
    withSplit(document, arm, { canary: 10, baseline: 90 });
    withValue(document, 'coinglass.rpm', 77);
    expect(document).toEqual(defaults());
  });

  it('never takes a call out of the canary when its share grows', async () => {
    const shares = [1, 10, 50, 80];
    const sets = await Promise.all(
      shares.map((canary) =>
        canaries(withSplit(defaults(), arm, { baseline: 100 - canary, canary })),
      ),
    );
    sets.forEach((set, at) => {
      const share = Number(shares[at]) / 100;
      expect(Math.abs(set.size / 2_000 - share)).toBeLessThan(0.04);
      for (const id of sets[at - 1] ?? []) expect(set).toContain(id);
    });
  });

  it('is plain when one variant has all', () => {
    const split = withSplit(defaults(), arm, { canary: 50, baseline: 50 });
    expect(flagOf(split, arm)).toHaveProperty('targeting');
    expect(flagOf(withSplit(split, arm, { canary: 100, baseline: 0 }), arm)).toEqual({
      ...flagOf(defaults(), arm),
      defaultVariant: 'canary',
    });
    expect(withSplit(split, arm, { canary: 0, baseline: 100 })).toEqual(defaults());
  });

  it('gives a call without a key the other arm, also after a promotion', () => {
    const promoted = withVariant(defaults(), arm, 'canary');
    const split = withSplit(promoted, arm, { baseline: 60, canary: 40 });
    expect(flagOf(split, arm).defaultVariant).toBe('baseline');
  });

  it('names a value by the variant that has it, or makes one', () => {
    expect(flagOf(withValue(defaults(), 'coinglass.rpm', 125), 'coinglass.rpm')).toMatchObject({
      defaultVariant: 'half',
    });
    const twice = withValue(withValue(defaults(), 'coinglass.rpm', 77), 'coinglass.rpm', 78);
    expect(flagOf(twice, 'coinglass.rpm')).toMatchObject({
      defaultVariant: 'custom',
      variants: { ...flagOf(defaults(), 'coinglass.rpm').variants, custom: 78 },
    });
  });

  it.each([
    ['an unknown flag', () => withVariant(defaults(), 'coinglass.arms', 'canary'), /no such flag/],
    ['every object’s key', () => withVariant(defaults(), 'toString', 'on'), /no such flag/],
    ['an unknown variant', () => withVariant(defaults(), arm, 'canari'), /baseline, canary/],
    ['shares over 100', () => withSplit(defaults(), arm, { canary: 20, baseline: 90 }), /are 110/],
    ['half a percent', () => withSplit(defaults(), arm, { canary: 0.5, baseline: 99.5 }), /whole/],
    ['less than nothing', () => withSplit(defaults(), arm, { canary: -5, baseline: 105 }), /whole/],
    ['a share of nobody', () => withSplit(defaults(), arm, { canari: 1, baseline: 99 }), /canari/],
  ])('refuses %s', (_what, edit, message) => {
    expect(edit).toThrow(FlagsError);
    expect(edit).toThrow(message);
  });

  it('completes a document and leaves what it has', () => {
    const { [arm]: _gone, ...flags } = withVariant(defaults(), 'canary.auto', 'off').flags;
    const whole = withMissing({ flags }, defaults(), [arm, 'canary.auto', 'toString']);
    expect(flagOf(whole, arm)).toEqual(flagOf(defaults(), arm));
    expect(flagOf(whole, 'canary.auto').defaultVariant).toBe('off');
    expect(withMissing(whole, defaults(), [arm])).toBe(whole);
  });

  it('tells what it did to each flag', () => {
    const off = withVariant(defaults(), 'canary.auto', 'off');
    expect(flagChanges(defaults(), off)).toEqual([
      {
        key: 'canary.auto',
        before: flagOf(defaults(), 'canary.auto'),
        after: flagOf(off, 'canary.auto'),
      },
    ]);
    expect(flagChanges({ flags: {} }, defaults())).toHaveLength(
      Object.keys(defaults().flags).length,
    );
  });
});
