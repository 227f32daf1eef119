import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { endpointIds } from '@glasshouse/coinglass-client';
import { createFlags } from '@glasshouse/flags';
import { createKillSwitches } from './kill-switches.ts';

const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
const ownFile = join(process.cwd(), '../../config/flags.json');

interface Definitions {
  readonly flags: Record<string, { defaultVariant: string }>;
}

const switched = (key?: string): Definitions => {
  const document = JSON.parse(readFileSync(ownFile, 'utf8')) as Definitions;
  const flag = key === undefined ? undefined : document.flags[key];
  if (flag) flag.defaultVariant = 'off';
  return document;
};

const forbidden = (document: Definitions, endpointId: string) =>
  createKillSwitches(createFlags({ document, endpointIds, logger }))(endpointId);

describe('the kill switches', () => {
  it('have one for every endpoint in the flag file of this repository', () => {
    expect(() => createFlags({ document: ownFile, endpointIds, logger })).not.toThrow();
  });

  it('let an endpoint pass, or say which switch is off', async () => {
    const id = 'etf/bitcoin/list';
    expect(await forbidden(switched(), id)).toBeUndefined();
    const off = await forbidden(switched(`endpoint.${id}`), id);
    expect(off).toMatchObject({ kind: 'endpoint-disabled' });
    expect(off?.detail).toContain(`endpoint.${id}`);
    expect(await forbidden(switched('vendor.egress.enabled'), id)).toMatchObject({
      kind: 'egress-disabled',
    });
  });
});
