import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { endpointIds, intervals } from '@glasshouse/coinglass-client';
import {
  createFlags,
  flagIntervals,
  readFlagsFile,
  withValue,
  type FlagDocument,
  type Flags,
} from '@glasshouse/flags';
import { createFallbackStart } from './fallback-start.ts';

const defaults = readFlagsFile(join(process.cwd(), '../../config/flags.json')) as FlagDocument;
const ignore = (): void => undefined;
const logger = { info: ignore, warn: ignore, error: ignore };

describe('where to go on when an interval is refused', () => {
  const open: Flags[] = [];
  afterEach(() => open.splice(0).forEach((flags) => flags.close()));
  const startsOf = (map: unknown) => {
    const document = withValue(defaults, 'coinglass.fallback.interval', map);
    const flags = createFlags({ document, endpointIds, logger });
    open.push(flags);
    return createFallbackStart(flags);
  };

  it('is what the flag says, and the next one for every other', async () => {
    const start = startsOf({ '1h': '12h', '30m': '4h' });
    expect(await start('1h')).toBe('12h');
    expect(await start('30m')).toBe('4h');
    expect(await start('5m')).toBeUndefined();
  });

  it.each([{ '1h': '1h' }, { '4h': '1h' }, { '1h': '2h' }, { '2h': '4h' }, { '1w': '1w' }])(
    'is never %j: such a document is refused',
    (map) => {
      expect(() => startsOf(map)).toThrow(/coinglass\.fallback\.interval: variant custom/);
    },
  );

  it('is told in the intervals that the client knows', () => {
    expect(flagIntervals).toEqual(intervals);
  });
});
