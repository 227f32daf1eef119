import { Failure, type StreamProbeOptions } from '@glasshouse/coinglass-client';
import { describe, expect, it } from '@jest/globals';
import { createStreamProbe, type StreamProbeParts } from './stream-probe.ts';

const asked: StreamProbeOptions[] = [];
const probeWith = (more: Partial<StreamProbeParts> = {}) =>
  createStreamProbe({
    wsUrl: 'wss://stream.example/ws-api',
    apiKey: () => 'key',
    source: 'custom',
    forbidden: () => Promise.resolve(undefined),
    now: () => 1_000,
    probe: (options) => {
      asked.push(options);
      return Promise.resolve({ openMs: 12, pongMs: 3 });
    },
    ...more,
  });
const terms = { deadlineAt: 5_000, signal: new AbortController().signal };

describe('the stream probe', () => {
  it('tells how long the stream took, costs no permit, and keeps to the deadline', async () => {
    expect(await probeWith()(terms)).toEqual({
      permits: 0,
      openMs: 12,
      pongMs: 3,
      source: 'custom',
    });
    expect(asked.pop()).toMatchObject({ timeoutMs: 4_000, signal: terms.signal });
    await probeWith()({ ...terms, deadlineAt: 1_000_000 });
    expect(asked.pop()).toMatchObject({ timeoutMs: 10_000 });
  });

  it('fails where no stream is known, and while requests are switched off, without opening one', async () => {
    await expect(probeWith({ wsUrl: undefined })(terms)).rejects.toMatchObject({
      kind: 'endpoint-disabled',
    });
    const off = new Failure('egress-disabled', 'off');
    await expect(probeWith({ forbidden: () => Promise.resolve(off) })(terms)).rejects.toBe(off);
    expect(asked).toEqual([]);
  });
});
