import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { OpenFeature } from '@openfeature/server-sdk';
import { FlagsError } from './flags-error.ts';
import { createFlags, isEndpointEnabled } from './flags.ts';
import type { Flags } from './flags.ts';
import { followFlagsFile } from './follow-flags-file.ts';

interface Document {
  flags: Record<
    string,
    { defaultVariant: string; targeting?: unknown; variants: Record<string, unknown> }
  >;
}
const file = join(__dirname, '../../../config/flags.json');
const original = (): Document => JSON.parse(readFileSync(file, 'utf8')) as Document;
const withFlag = (key: string, change: object): Document => {
  const document = original();
  const flag = document.flags[key];
  if (flag) Object.assign(flag, change);
  return document;
};
const heatmap = 'futures/liquidation/heatmap/model1';
const funding = 'futures/funding-rate/history';

const open: Flags[] = [];
const lines: string[] = [];
const say = (_fields: object, message: string) => void lines.push(message);
const logger = { info: say, warn: say, error: say };
const flagsOf = (document: unknown, endpointIds = [heatmap, funding]): Flags => {
  const flags = createFlags({ document, endpointIds, logger });
  open.push(flags);
  return flags;
};
afterEach(() => {
  for (const flags of open.splice(0)) flags.close();
  lines.length = 0;
});

describe('flags', () => {
  it('read each type with its variant and the reason', async () => {
    const flags = flagsOf(file);
    expect(await flags.boolean('vendor.egress.enabled')).toEqual({
      value: true,
      variant: 'on',
      reason: 'STATIC',
    });
    expect(await flags.string('coinglass.arm')).toMatchObject({ value: 'baseline' });
    expect(await flags.number('coinglass.rpm')).toMatchObject({
      value: 100_000,
      variant: 'configured',
    });
    expect(await flags.object('coinglass.fallback.interval')).toMatchObject({
      value: { '1h': '4h' },
    });
    expect(await flags.boolean('canary.auto')).toMatchObject({ value: true });
  });

  it('keep heatmaps off and every other endpoint on', async () => {
    const flags = flagsOf(file);
    expect(await isEndpointEnabled(flags, heatmap)).toBe(false);
    expect(await isEndpointEnabled(flags, funding)).toBe(true);
  });

  it('switch one endpoint off and leave the others', async () => {
    const flags = flagsOf(withFlag(`endpoint.${funding}`, { defaultVariant: 'off' }));
    expect(await isEndpointEnabled(flags, funding)).toBe(false);
    expect(await isEndpointEnabled(flags, 'etf/bitcoin/list')).toBe(true);
  });

  it('serve the safe value, and say ERROR, for a flag the document does not have', async () => {
    const flags = flagsOf(file);
    expect(await flags.boolean('endpoint.futures/other')).toEqual({ value: true, reason: 'ERROR' });
    expect(await flags.boolean('endpoint.futures/other/heatmap')).toEqual({
      value: false,
      reason: 'ERROR',
    });
  });

  it('never throw, even when a rule computes a variant that does not exist', async () => {
    const flags = flagsOf(withFlag('coinglass.rpm', { targeting: { '+': [1, 1] } }));
    expect(await flags.number('coinglass.rpm')).toEqual({ value: 100_000, reason: 'ERROR' });
  });

  it('divide calls by their key in the shares that the document says', async () => {
    const flags = flagsOf(
      withFlag('coinglass.arm', {
        targeting: {
          fractional: [
            ['canary', 10],
            ['baseline', 90],
          ],
        },
      }),
    );
    const arms = await Promise.all(
      Array.from({ length: 4_000 }, (_, i) =>
        flags.string('coinglass.arm', { targetingKey: `call-${i}` }),
      ),
    );
    const canaries = arms.filter(({ value }) => value === 'canary').length;
    expect(arms.every(({ ruled }) => ruled)).toBe(true);
    flags.setStale(true);
    expect(await flags.string('coinglass.arm', { targetingKey: 'a' })).toMatchObject({
      ...{ reason: 'STALE', ruled: true },
    });
    expect(await flags.boolean('canary.auto')).not.toHaveProperty('ruled');
    expect(canaries).toBeGreaterThan(300);
    expect(canaries).toBeLessThan(500);
  });

  it('refuse a document that lacks a flag the code reads, and name every problem', () => {
    const document = original();
    delete document.flags['vendor.egress.enabled'];
    delete document.flags[`endpoint.${heatmap}`];
    Object.assign(document.flags['coinglass.rpm'] ?? {}, { defaultVariant: 'gone' });
    expect(() => flagsOf(document)).toThrow(FlagsError);
    expect(() => flagsOf(document)).toThrow(
      /vendor\.egress\.enabled: is missing[^]*heatmap\/model1: is missing[^]*coinglass\.rpm: there is no variant "gone"/,
    );
  });

  it('refuse what flagd would let pass: negative weights and unknown operators', () => {
    for (const targeting of [
      {
        fractional: [
          ['canary', -1],
          ['baseline', 2],
        ],
      },
      { shell: ['rm'] },
    ])
      expect(() => flagsOf(withFlag('coinglass.arm', { targeting }))).toThrow(FlagsError);
  });

  it('refuse a file that is not there or not JSON, in one sentence', () => {
    expect(() => flagsOf(join(__dirname, 'none.json'))).toThrow(
      /none\.json cannot be read as JSON/,
    );
  });

  it('do not see each other within one process', async () => {
    const before = OpenFeature.getProvider();
    const one = flagsOf(withFlag('vendor.egress.enabled', { defaultVariant: 'off' }));
    const two = flagsOf(file);
    expect((await one.boolean('vendor.egress.enabled')).value).toBe(false);
    expect((await two.boolean('vendor.egress.enabled')).value).toBe(true);
    expect(OpenFeature.getProvider()).toBe(before);
    one.close();
    expect((await one.boolean('vendor.egress.enabled')).value).toBe(true);
    expect((await two.boolean('vendor.egress.enabled')).value).toBe(true);
  });

  it('take a new document into force, and keep the old one when the new one is wrong', async () => {
    const flags = flagsOf(file);
    const changed = flags.replace(withFlag('coinglass.rpm', { defaultVariant: 'low' }));
    expect(changed).toEqual(['coinglass.rpm']);
    expect((await flags.number('coinglass.rpm')).value).toBe(50);
    expect(() => flags.replace({ flags: {} })).toThrow(FlagsError);
    expect(() => flags.replace(withFlag('coinglass.arm', { targeting: { shell: [] } }))).toThrow(
      FlagsError,
    );
    expect((await flags.number('coinglass.rpm')).value).toBe(50);
  });

  it('say of a flag that was read before whether it may be old by now', async () => {
    const flags = flagsOf(file);
    const reasons: string[] = [];
    for (const stale of [false, true, false]) {
      flags.setStale(stale);
      for (const key of ['vendor.egress.enabled', 'canary.auto'] as const)
        reasons.push((await flags.boolean(key)).reason, (await flags.boolean(key)).reason);
    }
    expect(reasons).toEqual([
      ...Array<string>(4).fill('STATIC'),
      ...Array<string>(4).fill('STALE'),
      ...Array<string>(4).fill('STATIC'),
    ]);
  });

  it('do not keep what was read from the document before', async () => {
    const flags = flagsOf(file);
    const reading = flags.number('coinglass.rpm');
    flags.replace(withFlag('coinglass.rpm', { defaultVariant: 'low' }));
    await reading;
    expect((await flags.number('coinglass.rpm')).value).toBe(50);
  });

  it('warn of an expired flag without refusing to start', () => {
    flagsOf(withFlag('canary.auto', { metadata: { owner: 'a', expires: '2020-01-01' } }), []);
    expect(lines).toEqual(['flag canary.auto expired on 2020-01-01: remove it']);
  });
});

describe('a flag file that changes', () => {
  it('is followed; one that breaks is reported and changes nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'flags-'));
    const path = join(folder, 'flags.json');
    writeFileSync(path, JSON.stringify(original()));
    const flags = flagsOf(path);
    const stop = followFlagsFile(flags, path, { logger, everyMs: 5 });
    const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
      while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
    };

    writeFileSync(path, JSON.stringify(withFlag('coinglass.rpm', { defaultVariant: 'low' })));
    await until(async () => (await flags.number('coinglass.rpm')).value === 50);
    await until(() => lines.includes('flags changed: coinglass.rpm'));

    writeFileSync(path, '{ broken');
    await until(() => lines.includes('the changed flag file is not used'));
    expect((await flags.number('coinglass.rpm')).value).toBe(50);

    stop();
    rmSync(folder, { recursive: true });
  });
});
