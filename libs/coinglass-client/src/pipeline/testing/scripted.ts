import { z } from 'zod';
import { defineEndpoint } from '../../catalogue/endpoint.ts';
import type { Sleep } from '../abortable.ts';
import type { Attempt, Call, RawAnswer, Wire } from '../call.ts';
import type { PermitSource, PermitWait, Settlement } from '../permits.ts';

/** Stand-ins for the specs of the pipeline: a wire and a limiter that follow a script, and a clock that waits for nobody. */

/** A plain endpoint of candles, so that these specs do not hang on the catalogue's facts. */
export const candles = defineEndpoint({
  id: 'futures/funding-rate/history',
  summary: 'Candles',
  route: '/advanced/candles/:coin',
  symbol: 'pair',
  params: z.strictObject({}),
  data: z.array(z.looseObject({ time: z.number(), close: z.union([z.string(), z.number()]) })),
  plans: { hobbyist: true, startup: true, standard: true, professional: true, enterprise: true },
  freshness: { kind: 'candles' },
  units: {},
  sample: { params: {}, data: [] },
});

export const startMs = 1_795_334_400_000;

export const callOf = (more: Partial<Call> = {}): Call => ({
  endpoint: candles,
  params: { exchange: 'OKX', interval: '1h', limit: '2', symbol: 'SOL-USDT-SWAP' },
  lane: 'interactive',
  arm: 'baseline',
  team: { id: 'alpha', weight: 1 },
  deadlineAt: startMs + 60_000,
  signal: new AbortController().signal,
  ...more,
});

export const rawAnswer = (body: unknown, more: Partial<RawAnswer> = {}): RawAnswer => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return {
    status: 200,
    contentType: 'application/json',
    body: text,
    wireBytes: text.length,
    quota: {},
    sandbox: false,
    ...more,
  };
};

export const goodData = [{ time: startMs, close: '0.0046' }];
export const good = rawAnswer({ code: '0', msg: 'success', data: goodData });
export const refused = (code: string, msg: string, more?: Partial<RawAnswer>) =>
  rawAnswer({ code, msg }, more);

type Line = RawAnswer | Error | ((attempt: Attempt) => Promise<RawAnswer>);

/** Plays one line for each sending. An answer is witnessed, an error is not, a function does as it likes. */
export const scriptedWire = (...script: Line[]) => {
  const sent: Attempt[] = [];
  const send: Wire['send'] = (attempt) => {
    sent.push(attempt);
    const line = script.shift();
    if (line === undefined) return Promise.reject(new Error('sent more often than scripted'));
    if (line instanceof Error) return Promise.reject(line);
    if (typeof line === 'function') return line(attempt);
    attempt.witness({ kind: 'answered', succeeded: line.status === 200, quota: line.quota });
    return Promise.resolve(line);
  };
  return { baseUrl: new URL('https://vendor.test'), send, sent };
};

/** A vendor that never answers, and a client that does not listen to its signal either. */
export const silence: Line = () => new Promise(() => undefined);

type Grant = 'fresh' | 'stale' | PermitWait | Error;

/** Grants by the script, then always; writes down what it is told, in order. */
export const scriptedPermits = (script: Grant[] = [], resumesInMs = 1000) => {
  const told: (Settlement | { readonly pause: number | undefined })[] = [];
  const source: PermitSource = {
    take: () => {
      counts.taken += 1;
      const grant = script.shift() ?? 'fresh';
      if (grant instanceof Error) return Promise.reject(grant);
      if (typeof grant === 'object') return Promise.resolve(grant);
      const settle = (settlement: Settlement) => void told.push(settlement);
      return Promise.resolve({ waitedMs: 7, isFresh: () => grant === 'fresh', settle });
    },
    pause: (_permit, retryAfterMs) => {
      told.push({ pause: retryAfterMs });
      return Promise.resolve({ resumesInMs });
    },
  };
  const counts = { taken: 0 };
  return { ...source, told, counts };
};

/** Time that passes only when nothing else can happen: then it jumps to the next timer. */
export const virtualClock = () => {
  let nowMs = startMs;
  let timers: { readonly at: number; readonly ring: () => void }[] = [];
  const slept: number[] = [];
  const sleep: Sleep = (delayMs, signal) =>
    new Promise((resolve, reject) => {
      const timer = { at: nowMs + delayMs, ring: resolve };
      timers.push(timer);
      slept.push(delayMs);
      signal.addEventListener('abort', () => {
        timers = timers.filter((other) => other !== timer);
        reject(signal.reason as Error);
      });
    });
  const run = async <T>(work: Promise<T>): Promise<T> => {
    let settled = false;
    const mark = () => {
      settled = true;
    };
    work.then(mark, mark);
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (settled) return work;
      const [next] = timers.sort((a, b) => a.at - b.at);
      if (!next) throw new Error('nothing is left to wait for');
      timers = timers.filter((other) => other !== next);
      nowMs = Math.max(nowMs, next.at);
      next.ring();
    }
  };
  return {
    now: () => nowMs,
    sleep,
    slept,
    run,
    advance: (ms: number) => {
      nowMs += ms;
    },
    pendingTimers: () => timers.length,
  };
};
