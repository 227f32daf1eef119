import { describe, expect, it } from '@jest/globals';
import { catalogue } from '@glasshouse/coinglass-client';
import { AnswerFetch, type AnswerFetchParts } from './answer-fetch.ts';

describe('fetching one answer', () => {
  it('gives the lock back when the memory of refusals cannot be read', async () => {
    const done: string[] = [];
    const store: AnswerFetchParts['store'] = {
      begin: () => Promise.resolve({ state: 'begun' }),
      put: () => Promise.resolve('stored'),
      renew: () => Promise.resolve(true),
      release: (key) => {
        done.push(`release ${key}`);
        return Promise.resolve();
      },
    };
    const fetch = new AnswerFetch({
      upstream: {
        origin: 'https://vendor.test',
        plan: 'standard',
        source: 'custom',
        sandboxAllowed: true,
      },
      store,
      refusals: {
        recall: () => Promise.reject(new Error('Connection is closed.')),
        remember: () => Promise.resolve(),
      },
      pipeline: () => {
        done.push('sent');
        return Promise.reject(new Error('not expected'));
      },
      now: Date.now,
      lockMs: 15_000,
      onNotStored: (_facts, why) => {
        throw why;
      },
      lookAgainMs: 10,
    });
    const question = { endpoint: catalogue['etf/bitcoin/list'], params: {} };
    const order = {
      endpoint: question.endpoint.id,
      strict: false,
      lane: 'interactive',
      arm: 'baseline',
      team: { id: 'alpha', weight: 1 },
      deadlineAt: Date.now() + 5_000,
      signal: new AbortController().signal,
    } as const;
    await expect(fetch.obtain(question, order)).rejects.toMatchObject({
      kind: 'store-unavailable',
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(done).toEqual([`release ${fetch.keyOf(question)}`]);
  });
});
