import { describe, expect, it } from '@jest/globals';
import { failureOf, table } from './instrument-table.fixture.ts';
import { buildInstrumentTable } from './instrument-table.ts';
import { resolveExchange, resolveExchanges } from './resolve-exchange.ts';

describe('exchanges', () => {
  it("come back in the vendor's spelling, sorted, each once", () => {
    expect(resolveExchanges(table, 'okx, BINANCE,Gate.io,OKX')).toEqual(['Binance', 'Gate', 'OKX']);
    expect(resolveExchanges(table, ['apexomni'])).toEqual(['ApeX Omni']);
  });

  it('are refused together when some are unknown', () => {
    const failure = failureOf(() => resolveExchanges(table, 'OKX,Binanse,FTX'));
    expect(failure.kind).toBe('unknown-instrument');
    expect(failure.errors).toMatchObject([
      { field: 'exchange_list', suggestions: ['Binance'] },
      { field: 'exchange_list', message: '"FTX" is not an exchange of the table' },
    ]);
  });

  it('are refused by shape before anything is looked up', () => {
    for (const list of ['', 'OKX,', 'OKX,\u0000', Array.from({ length: 41 }, () => 'OKX').join()]) {
      expect(failureOf(() => resolveExchanges(table, list)).kind).toBe('invalid-request');
    }
  });

  it('are not guessed between when the table holds two that sound alike', () => {
    const twins = buildInstrumentTable({ Gate: [], 'Gate.io': [] });
    expect(resolveExchange(twins, 'Gate.io').name).toBe('Gate.io');
    expect(failureOf(() => resolveExchange(twins, 'gate')).toRecord()).toMatchObject({
      kind: 'ambiguous-instrument',
      errors: [{ field: 'exchange', allowed: ['Gate', 'Gate.io'] }],
    });
  });
});
