import { describe, expect, it } from '@jest/globals';
import { resolveCoin } from '@glasshouse/coinglass-client';
import type { AskResult, FetchRequests, StoredAnswer } from '@glasshouse/fetch-queue';
import { createInstruments } from './instruments.ts';

const rows = [{ instrument_id: 'SOL-USDT-SWAP', base_asset: 'SOL', quote_asset: 'USDT' }];
const answered: AskResult = {
  jobId: 'j',
  state: 'answered',
  result: { permits: 1 },
  coalesced: false,
};

describe('the gateway’s instrument table', () => {
  it('is asked of the fetcher until the caller’s own deadline, and beside for a minute', async () => {
    let now = 1_000_000;
    let stored: StoredAnswer | undefined;
    const asked: Parameters<FetchRequests['ask']>[] = [];
    const keys: string[] = [];
    const instruments = createInstruments({
      serves: () => true,
      store: {
        read: (key, face) => {
          keys.push(`${key} ${face}`);
          return Promise.resolve(stored);
        },
      },
      requests: {
        ask: (...ask) => {
          asked.push(ask);
          stored = {
            facts: {
              key: 'v1.table',
              endpoint: 'futures/supported-exchange-pairs',
              params: {},
              source: 'sandbox',
              fetchedAt: now,
              freshUntil: now + 60_000,
              staleUntil: now + 86_400_000,
              permits: 1,
            },
            data: Buffer.from(JSON.stringify({ OKX: rows })),
          };
          return Promise.resolve(answered);
        },
      },
      answerKey: 'v1.table',
      traceparent: () => '00-1-2-01',
      now: () => now,
    });
    const find = () => instruments.lookUp((table) => resolveCoin(table, 'sol'), now + 15_000);

    expect(await find()).toBe('SOL');
    now += 61_000;
    expect(await find()).toBe('SOL');
    await new Promise(setImmediate);
    expect(new Set(keys)).toEqual(new Set(['v1.table house']));
    expect(asked).toMatchObject([
      [
        { v: 1, endpoint: 'futures/supported-exchange-pairs', traceparent: '00-1-2-01' },
        { deadlineAt: 1_015_000 },
      ],
      [{ endpoint: 'futures/supported-exchange-pairs' }, { deadlineAt: 1_061_000 + 60_000 }],
    ]);
  });
});
