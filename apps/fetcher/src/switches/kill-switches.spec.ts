import { createFlags } from '@glasshouse/flags';
import { describe, expect, it } from '@jest/globals';
import { silent } from '../testing/silent.ts';
import { createKillSwitches } from './kill-switches.ts';

type Document = { flags: Record<string, unknown> };

const flag = (variants: Record<string, unknown>, defaultVariant: string) => ({
  state: 'ENABLED',
  variants,
  defaultVariant,
  metadata: { owner: 'platform', expires: 'never' },
});
const onOff = (on: boolean) => flag({ on: true, off: false }, on ? 'on' : 'off');

const documentWith = (flags: Record<string, unknown>): Document => ({
  flags: {
    'vendor.egress.enabled': onOff(true),
    'endpoint.a/b': onOff(true),
    'coinglass.arm': flag({ baseline: 'baseline', canary: 'canary' }, 'baseline'),
    'coinglass.rpm': flag({ full: 250 }, 'full'),
    'coinglass.fallback.interval': flag({ standard: { '1h': '4h' } }, 'standard'),
    'canary.auto': onOff(true),
    ...flags,
  },
});

const switchesWith = (flags: Record<string, unknown>) =>
  createKillSwitches(
    createFlags({ document: documentWith(flags), endpointIds: ['a/b'], logger: silent }),
  );

describe('the kill switches', () => {
  it('let everything through while nothing is switched off', async () => {
    const { egress, endpoint } = switchesWith({});
    expect([await egress(), await endpoint('a/b')]).toEqual([undefined, undefined]);
  });

  it('stop one endpoint', async () => {
    const { egress, endpoint } = switchesWith({ 'endpoint.a/b': onOff(false) });
    expect(await egress()).toBeUndefined();
    expect(await endpoint('a/b')).toMatchObject({ kind: 'endpoint-disabled' });
    expect((await endpoint('a/b'))?.detail).toContain('endpoint.a/b');
  });

  it('stop everything that leaves the house', async () => {
    const { egress, endpoint } = switchesWith({ 'vendor.egress.enabled': onOff(false) });
    expect(await egress()).toMatchObject({ kind: 'egress-disabled' });
    expect(await endpoint('a/b')).toMatchObject({ kind: 'egress-disabled' });
  });
});
