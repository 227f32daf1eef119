import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  catalogue,
  createHttpWire,
  createPipeline,
  type Attempt,
  type AttemptRecord,
  type Call,
} from '@glasshouse/coinglass-client';
import type { RateLimiter } from '@glasshouse/rate-limiter';
import { followLimit, noteInLedger } from './note-in-ledger.ts';

/** The ledger's own figures, without Redis. */
const counting = () => {
  const none = () => ({ permits: 0, sent: 0, throttled: 0 });
  const figures = { baseline: none(), canary: none() };
  const said: object[] = [];
  const notes = noteInLedger({
    permit: (arm) => void (figures[arm].permits += 1),
    permitReturned: (arm) => void (figures[arm].permits -= 1),
    sent: (arm) => void (figures[arm].sent += 1),
    throttled: (arm, { operation }) => {
      figures[arm].throttled += 1;
      said.push({ operation });
    },
    vendorSaid: (quota) => void said.push(quota),
  });
  return { figures, said, notes };
};

const closing: (() => Promise<unknown>)[] = [];
afterEach(() => Promise.all(closing.splice(0).map((close) => close())));

/** The pipeline over a real wire, with permits for everybody. */
const over = async (status: number) => {
  const server = createServer((_request, response) => {
    response.writeHead(status, { 'api-key-use-limit': '7', 'api-key-max-limit': '300' });
    response.end(JSON.stringify({ code: status === 200 ? '0' : String(status), data: [] }));
  });
  await new Promise<void>((on) => server.listen(0, '127.0.0.1', on));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const counted = counting();
  const wire = createHttpWire({ baseUrl, apiKey: () => 'key', onSent: counted.notes.sent });
  closing.push(
    () => wire.close(),
    () => new Promise((closed) => server.close(closed)),
  );
  const permits = {
    take: () => Promise.resolve({ waitedMs: 0, isFresh: () => true, settle: () => undefined }),
    pause: () => Promise.resolve({ resumesInMs: 60_000 }),
  };
  const mask = (text: string) => text;
  const parts = { permits, mask, permitBook: counted.notes, onAttempt: counted.notes.attempt };
  const send = createPipeline({ wire, ...parts, firstBackOffMs: 1 });
  return { ...counted, wire, parts, send };
};

const call: Call = {
  endpoint: catalogue['etf/bitcoin/list'],
  params: {},
  lane: 'bulk',
  arm: 'canary',
  team: { id: 'alpha', weight: 1 },
  deadlineAt: Number.MAX_SAFE_INTEGER,
  signal: new AbortController().signal,
};

describe('what pipeline and wire put into the ledger', () => {
  it('is a permit and a sending for each request, under its arm, and what the vendor says of the key', async () => {
    const { figures, said, send } = await over(200);
    await send(call);
    await send({ ...call, arm: 'baseline' });
    expect(figures).toEqual({
      baseline: { permits: 1, sent: 1, throttled: 0 },
      canary: { permits: 1, sent: 1, throttled: 0 },
    });
    expect(said).toEqual([
      { used: 7, limit: 300 },
      { used: 7, limit: 300 },
    ]);
  });

  it('is one of each for every retry', async () => {
    const { figures, send } = await over(500);
    await expect(send(call)).rejects.toThrow();
    expect(figures.canary).toEqual({ permits: 3, sent: 3, throttled: 0 });
  });

  it('says which requests were throttled', async () => {
    const { figures, said, send } = await over(429);
    await expect(send(call)).rejects.toThrow();
    expect(figures.canary).toEqual({ permits: 1, sent: 1, throttled: 1 });
    expect(said).toContainEqual({ operation: 'etf/bitcoin/list' });
  });

  it('shows a leak: what goes out beside the permits is sent all the same', async () => {
    const { figures, wire, parts } = await over(200);
    const leaky = createPipeline({
      ...parts,
      wire: {
        baseUrl: wire.baseUrl,
        send: async (attempt: Attempt) => {
          await wire.send(attempt);
          return wire.send(attempt);
        },
      },
    });
    await leaky(call);
    expect(figures.canary).toEqual({ permits: 1, sent: 2, throttled: 0 });
  });

  it('has no permit for what was never sent', async () => {
    const { figures, parts } = await over(200);
    const wire = createHttpWire({ baseUrl: 'http://127.0.0.1:1', apiKey: () => 'key' });
    closing.push(() => wire.close());
    const records: AttemptRecord[] = [];
    const send = createPipeline({
      ...parts,
      wire,
      firstBackOffMs: 1,
      onAttempt: (record) => void records.push(record),
    });
    await expect(send(call)).rejects.toThrow();
    expect(records).toHaveLength(3);
    expect(figures.canary).toEqual({ permits: 0, sent: 0, throttled: 0 });
  });
});

describe('the limit in force', () => {
  it('is told again and again, and not while the limiter cannot say', async () => {
    const told: number[] = [];
    let limit: number | undefined = 250;
    const status = () =>
      limit === undefined
        ? Promise.reject(new Error('away'))
        : Promise.resolve({ limit } as Awaited<ReturnType<RateLimiter['status']>>);
    const ledger = { limitInForce: (said: number) => void told.push(said) };
    const end = followLimit({ status }, ledger, 4);
    const until = async (holds: () => boolean) => {
      while (!holds()) await new Promise((on) => setTimeout(on, 1));
    };
    await until(() => told.length > 0);
    limit = undefined;
    await new Promise((on) => setTimeout(on, 10));
    const before = told.length;
    limit = 100;
    await until(() => told.includes(100));
    end();
    expect(told.slice(0, before)).toEqual(Array(before).fill(250));
    expect(told[before]).toBe(100);
  });
});
