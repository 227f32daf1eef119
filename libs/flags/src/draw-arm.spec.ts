import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { drawArm, standingArm, type Arm } from './draw-arm.ts';
import { createFlags, type Flags } from './flags.ts';

const file = join(__dirname, '../../../config/flags.json');
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

let open: Flags | undefined;
afterEach(() => open?.close());
const flagsWith = (arm: object): Flags => {
  const document = JSON.parse(readFileSync(file, 'utf8')) as { flags: Record<string, object> };
  Object.assign(document.flags['coinglass.arm'] ?? {}, arm);
  return (open = createFlags({ document, logger: silent }));
};
const split = (canary: number) => ({
  targeting: {
    fractional: [
      ['canary', canary],
      ['baseline', 100 - canary],
    ],
  },
});
const drawMany = async (flags: Flags): Promise<Arm[]> => {
  const ids = Array.from({ length: 4_000 }, (_, index) => `call-${index}`);
  return (await Promise.all(ids.map((id) => drawArm(flags, id)))).map(({ arm }) => arm);
};

describe('the draw of an arm', () => {
  it('divides calls in the shares that the flag says, each call for itself', async () => {
    const arms = await drawMany(flagsWith(split(10)));
    const canaries = arms.filter((arm) => arm === 'canary').length;
    expect(canaries / arms.length).toBeGreaterThan(0.08);
    expect(canaries / arms.length).toBeLessThan(0.12);
  });

  it('gives a call the same arm again, and keeps a canary one as its share grows', async () => {
    const small = await drawMany(flagsWith(split(10)));
    open?.close();
    const flags = flagsWith(split(50));
    const grown = await drawMany(flags);
    expect(await drawMany(flags)).toEqual(grown);
    expect(small.every((arm, index) => arm === 'baseline' || grown[index] === 'canary')).toBe(true);
  });

  it('says whether a test of two arms is under way', async () => {
    expect(await drawArm(flagsWith({}), 'a')).toEqual({ arm: 'baseline', settled: true });
    open?.close();
    expect(await drawArm(flagsWith({ defaultVariant: 'canary' }), 'a')).toEqual({
      arm: 'canary',
      settled: true,
    });
    open?.close();
    expect((await drawArm(flagsWith(split(50)), 'a')).settled).toBe(false);
  });

  it('says so of a copy that may be old as of any other', async () => {
    const flags = flagsWith(split(100));
    flags.setStale(true);
    expect(await drawArm(flags, 'a')).toEqual({ arm: 'canary', settled: false });
    open?.close();
    const promoted = flagsWith({ defaultVariant: 'canary' });
    promoted.setStale(true);
    expect(await drawArm(promoted, 'a')).toEqual({ arm: 'canary', settled: true });
  });

  it('is not settled by a rule that has nothing to say of one call', async () => {
    const rule = { if: [{ '==': [{ var: 'targetingKey' }, 'b'] }, 'baseline'] };
    const flags = flagsWith({ defaultVariant: 'canary', targeting: rule });
    expect(await drawArm(flags, 'a')).toEqual({ arm: 'canary', settled: false });
    expect((await drawArm(flags, 'b')).arm).toBe('baseline');
    flags.setStale(true);
    expect(await drawArm(flags, 'a')).toEqual({ arm: 'canary', settled: false });
  });

  it('has what is fetched for everybody stay with baseline until the canary is settled', async () => {
    expect(await standingArm(flagsWith(split(99)))).toBe('baseline');
    open?.close();
    expect(await standingArm(flagsWith({ defaultVariant: 'canary' }))).toBe('canary');
  });
});
