import { describe, expect, it } from '@jest/globals';
import { catalogue } from '@glasshouse/coinglass-client';
import { columnsOf, csvHeader, csvOfLines } from './rows.ts';

describe('rows as CSV', () => {
  it('keep the digits of the vendor, whatever a double would make of them', () => {
    const columns = ['time', 'open', 'close', 'open_candle'];
    const line = '{"time":1,"open":2369935.195620,"close":-0.000010,"open_candle":false}\n';
    expect(csvOfLines(line, columns)).toBe('1,2369935.195620,-0.000010,false\r\n');
  });

  it('quote what would break a line, and leave empty what is not there', () => {
    const line = '{"a":"x,y","b":"say \\"no\\"","c":null,"e":{"deep":1.50}}\n';
    expect(csvOfLines(line, ['a', 'b', 'c', 'd', 'e'])).toBe(
      '"x,y","say ""no""",,,"{""deep"":1.50}"\r\n',
    );
  });

  it('have the columns of the endpoint, then those that came since', () => {
    const columns = columnsOf(catalogue['futures/liquidation/aggregated-history'], ['mood']);
    expect(csvHeader(columns)).toBe(
      'time,time_iso,aggregated_long_liquidation_usd,aggregated_short_liquidation_usd,mood,open_candle\r\n',
    );
  });
});
