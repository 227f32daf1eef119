import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { Failure } from '../failures.ts';
import type { AttemptRecord } from './attempt-record.ts';
import type { Attempt } from './call.ts';
import { maskValues } from './mask.ts';
import { Postponed } from './permits.ts';
import { createPipeline, type PipelineParts } from './pipeline.ts';
import {
  callOf,
  candles,
  good,
  goodData,
  rawAnswer,
  refused,
  scriptedPermits,
  scriptedWire,
  silence,
  startMs,
  virtualClock,
} from './testing/scripted.ts';

const key = 'a-vendor-key-0123456789';
const serverFault = refused('500', 'Server Error');
const throttled = refused('429', 'Too Many Requests', { retryAfterMs: 5000 });
const reset = new Failure('upstream-unavailable', 'CoinGlass broke off (ECONNRESET)');

/** The pipeline over a script, in virtual time; chance always draws the longest delay. */
const over = (
  wire: ReturnType<typeof scriptedWire>,
  {
    permits = scriptedPermits(),
    ...more
  }: Partial<PipelineParts> & { permits?: ReturnType<typeof scriptedPermits> } = {},
) => {
  const clock = virtualClock();
  const records: AttemptRecord[] = [];
  const send = createPipeline({
    wire,
    permits,
    mask: maskValues(() => [key]),
    onAttempt: (record) => records.push(record),
    random: () => 1,
    now: clock.now,
    sleep: clock.sleep,
    ...more,
  });
  const run = (call = callOf()) => clock.run(send(call));
  return { run, clock, permits, records, sent: wire.sent, told: permits.told };
};

const answered = (succeeded: boolean) => ({ kind: 'answered', succeeded, quota: {} });
const slept = ({ clock }: ReturnType<typeof over>) =>
  // Without the alarms of the deadline and of each attempt.
  clock.slept.filter((ms) => ms !== 8000 && ms !== 60_000);

describe('a good answer', () => {
  it('is handed on as it was sent and as the house writes it', async () => {
    const data = z.array(
      z.looseObject({ close: z.string().transform((text) => JSON.rawJSON(text)) }),
    );
    const body = '{"code":0,"data": [{"close":"0.00460", "n":1}] }';
    const { run } = over(scriptedWire(rawAnswer(body, { sandbox: true })));
    const page = await run(callOf({ endpoint: { ...candles, data } }));
    expect(page).toMatchObject({
      vendorData: '[{"close":"0.00460", "n":1}]',
      houseData: '[{"close":0.00460,"n":1}]',
      sandbox: true,
      attempts: 1,
    });
  });

  it('is kept as one string when the house has nothing to change', async () => {
    const { run } = over(scriptedWire(good));
    const page = await run();
    expect(page.houseData).toBe(page.vendorData);
    expect(page).toMatchObject({ vendorData: JSON.stringify(goodData), data: goodData });
  });

  it('leaves no timer behind', async () => {
    const { run, clock } = over(scriptedWire(good));
    await run();
    expect(clock.pendingTimers()).toBe(0);
  });
});

describe('trying again', () => {
  it('pays one permit per attempt, so a retry never escapes the shared limit', async () => {
    const { run, permits, told, ...rest } = over(scriptedWire(serverFault, reset, good));
    expect(await run()).toMatchObject({ attempts: 3 });
    expect(permits.counts.taken).toBe(3);
    expect(told).toEqual([answered(false), { kind: 'unknown' }, answered(true)]);
    expect(slept({ run, permits, told, ...rest })).toEqual([500, 1000]);
  });

  it('draws each delay between nothing and twice the last bound', async () => {
    const line = over(scriptedWire(serverFault, serverFault, good), { random: () => 0.25 });
    await line.run();
    expect(slept(line)).toEqual([125, 250]);
  });

  it('gives up after three sendings', async () => {
    const { run, sent } = over(scriptedWire(reset, reset, reset, good));
    await expect(run()).rejects.toMatchObject({ kind: 'upstream-unavailable' });
    expect(sent).toHaveLength(3);
  });

  it.each([
    refused('400', 'bad'),
    refused('401', 'Upgrade plan'),
    refused('401', 'API key missing.'),
    refused('403', 'The requested interval is not available for your current API plan.'),
    refused('404', 'Endpoint not found', { status: 404 }),
    refused('422', ''),
    rawAnswer('', { status: 302 }),
  ])('does not repeat a request that was refused for itself (%#)', async (refusal) => {
    const { run, sent, told } = over(scriptedWire(refusal, good));
    await expect(run()).rejects.toBeInstanceOf(Failure);
    expect(sent).toHaveLength(1);
    expect(told).toEqual([answered(false)]);
  });

  it('asks once more, and only once, for what was no JSON', async () => {
    const html = rawAnswer('<html>busy</html>');
    const cut = rawAnswer('{"code":"0","data":[');
    const twice = over(scriptedWire(html, cut, good));
    await expect(twice.run()).rejects.toMatchObject({ kind: 'upstream-malformed' });
    expect(twice.sent).toHaveLength(2);
    expect(await over(scriptedWire(html, good)).run()).toMatchObject({ attempts: 2 });
  });

  it('does not sleep past the deadline', async () => {
    const line = over(scriptedWire(reset, good));
    await expect(line.run(callOf({ deadlineAt: startMs + 500 }))).rejects.toBe(reset);
    expect(line.clock.now()).toBe(startMs);
  });

  it('stops sleeping when the call is stopped', async () => {
    const stop = new AbortController();
    const reason = new Error('shutting down');
    const wire = scriptedWire(reset, good);
    const sleepThenStop: PipelineParts['sleep'] = (ms, signal) => {
      if (ms === 500) queueMicrotask(() => stop.abort(reason));
      return new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error)),
      );
    };
    const { run, sent } = over(wire, { sleep: sleepThenStop });
    await expect(run(callOf({ signal: stop.signal }))).rejects.toBe(reason);
    expect(sent).toHaveLength(1);
  });
});

describe('a throttled answer', () => {
  it('pauses everyone, and is sent again when the pause is short', async () => {
    const line = over(scriptedWire(throttled, good), { permits: scriptedPermits([], 1_500) });
    expect(await line.run()).toMatchObject({ attempts: 2 });
    expect(line.told).toEqual([{ pause: 5000 }, answered(false), answered(true)]);
    expect(slept(line)).toEqual([1_500]);
  });

  it('is not waited for in place when the pause is long: the queue brings it back', async () => {
    const line = over(scriptedWire(throttled, good), { permits: scriptedPermits([], 12_000) });
    await expect(line.run()).rejects.toMatchObject({
      kind: 'upstream-throttled',
      retryAfterMs: 12_000,
    });
    expect(line.sent).toHaveLength(1);
    expect(line.clock.now()).toBe(startMs);
  });

  it('is not sent again when the pause outlasts the deadline, and says when requests may go', async () => {
    const line = over(scriptedWire(throttled, good), { permits: scriptedPermits([], 60_000) });
    await expect(line.run()).rejects.toMatchObject({
      kind: 'upstream-throttled',
      retryAfterMs: 60_000,
      upstream: { status: 200, code: '429' },
    });
    expect(line.sent).toHaveLength(1);
    expect(line.clock.now()).toBe(startMs);
  });

  it('is still told as such when the limiter cannot be', async () => {
    const permits = scriptedPermits();
    permits.pause = () => Promise.reject(limiterAway());
    const short = callOf({ deadlineAt: startMs + 5000 });
    const { run, told } = over(scriptedWire(throttled), { permits });
    await expect(run(short)).rejects.toMatchObject({
      kind: 'upstream-throttled',
      retryAfterMs: 5000,
    });
    expect(told).toEqual([answered(false)]);
  });
});

const limiterAway = () =>
  Object.assign(new Error('ECONNREFUSED'), { name: 'RateLimiterUnavailable' });

describe('the permit', () => {
  it.each(['limit', 'pause', 'state-lost'] as const)(
    'that takes too long to wait for in place postpones the call (%s)',
    async (because) => {
      const { run, sent } = over(scriptedWire(good), {
        permits: scriptedPermits([{ waitMs: 5000, because }]),
      });
      const thrown = await run().catch((error: unknown) => error);
      expect(thrown).toBeInstanceOf(Postponed);
      expect(thrown).toMatchObject({ waitMs: 5000, because });
      expect(sent).toHaveLength(0);
    },
  );

  it.each([
    ['limit', 'queue-full'],
    ['state-lost', 'queue-full'],
    ['pause', 'upstream-throttled'],
  ] as const)('that comes after the deadline fails the call (%s: %s)', async (because, kind) => {
    const { run, permits } = over(scriptedWire(), {
      permits: scriptedPermits([{ waitMs: 60_000, because }]),
    });
    await expect(run()).rejects.toMatchObject({ kind, retryAfterMs: 60_000 });
    expect(permits.counts.taken).toBe(1);
  });

  it('is asked for in the lane and arm and on the account of the call, with the bound on waiting in place', async () => {
    const asked: unknown[] = [];
    const team = { id: 'quants', weight: 3, permitsMax: 40 };
    const permits = scriptedPermits();
    const { take } = permits;
    permits.take = ({ signal, ...asking }) => {
      asked.push(asking);
      return take({ ...asking, signal });
    };
    await over(scriptedWire(good), { permits }).run(callOf({ lane: 'bulk', arm: 'canary', team }));
    expect(asked).toEqual([{ lane: 'bulk', arm: 'canary', team, waitMaxMs: 2000 }]);
  });

  it('is asked for with the time until the deadline, so that no place is kept for who gives up before', async () => {
    const asked: unknown[] = [];
    const permits = scriptedPermits();
    const { take } = permits;
    permits.take = (request) => {
      asked.push(request.turn);
      return take(request);
    };
    const turn = { id: 'job-1', since: startMs };
    const deadlineAt = startMs + 20_000;
    await over(scriptedWire(good), { permits }).run(callOf({ turn, deadlineAt }));
    expect(asked).toEqual([{ ...turn, withinMs: 20_000 }]);
  });

  it('is told the quota headers of a throttled answer, by which the limiter names the cause', async () => {
    const told: unknown[] = [];
    const permits = scriptedPermits();
    permits.pause = (_permit, retryAfterMs, quota) => {
      told.push({ retryAfterMs, quota });
      return Promise.resolve({ resumesInMs: 60_000, cause: 'plan-change' });
    };
    const throttled = rawAnswer('', { status: 429, quota: { used: 81, limit: 80 } });
    await expect(over(scriptedWire(throttled), { permits }).run()).rejects.toMatchObject({
      kind: 'upstream-throttled',
    });
    expect(told).toEqual([{ retryAfterMs: undefined, quota: { used: 81, limit: 80 } }]);
  });

  it('is given back unused when it has grown old, and another is taken', async () => {
    const { run, told, records } = over(scriptedWire(good), {
      permits: scriptedPermits(['stale', 'stale', 'fresh']),
    });
    expect(await run()).toMatchObject({ attempts: 1 });
    expect(told).toEqual([{ kind: 'never-sent' }, { kind: 'never-sent' }, answered(true)]);
    expect(records[0]?.permitWaitMs).toBe(21);
  });

  it('is given back when nothing was sent', async () => {
    const { run, told } = over(
      scriptedWire((attempt) => {
        attempt.witness({ kind: 'never-sent' });
        return Promise.reject(reset);
      }, good),
    );
    await run();
    expect(told).toEqual([{ kind: 'never-sent' }, answered(true)]);
  });

  it('counts as answered, without success, when the data is not as expected', async () => {
    const { run, told } = over(scriptedWire(rawAnswer({ code: '0', data: [{ time: 'x' }] })));
    await expect(run()).rejects.toMatchObject({ kind: 'upstream-malformed' });
    expect(told).toEqual([answered(false)]);
  });

  it('cannot be had without the store of the limiter', async () => {
    const { run, sent } = over(scriptedWire(good), { permits: scriptedPermits([limiterAway()]) });
    await expect(run()).rejects.toMatchObject({ kind: 'store-unavailable' });
    expect(sent).toHaveLength(0);
  });

  it('lets a bug of the limiter through as what it is', async () => {
    const bug = new TypeError('oops');
    const { run } = over(scriptedWire(good), { permits: scriptedPermits([bug]) });
    await expect(run()).rejects.toBe(bug);
  });
});

describe('time', () => {
  it('ends a silent attempt, leaves its slot taken and tries again', async () => {
    const { run, told, clock, records } = over(scriptedWire(silence, good));
    expect(await run()).toMatchObject({ attempts: 2 });
    expect(told).toEqual([{ kind: 'unknown' }, answered(true)]);
    expect(clock.now()).toBe(startMs + 8000 + 500);
    expect(records[0]).toMatchObject({
      failureKind: 'upstream-unavailable',
      failureDetail: 'CoinGlass gave no answer in 8000 ms',
      errorType: 'timeout',
      durationMs: 8000,
    });
  });

  it('ends the call at its deadline, in the middle of an attempt', async () => {
    const line = over(scriptedWire(silence));
    await expect(line.run(callOf({ deadlineAt: startMs + 3000 }))).rejects.toMatchObject({
      kind: 'deadline-passed',
    });
    expect(line.clock.now()).toBe(startMs + 3000);
    expect(line.told).toEqual([{ kind: 'unknown' }]);
    expect(line.records).toMatchObject([{ failureKind: 'deadline-passed', errorType: 'timeout' }]);
  });

  it('is looked at before anything is asked for', async () => {
    const { run, permits } = over(scriptedWire());
    await expect(run(callOf({ deadlineAt: startMs }))).rejects.toMatchObject({
      kind: 'deadline-passed',
    });
    expect(permits.counts.taken).toBe(0);
  });

  it('is looked at again before sending: after the deadline nothing goes, even if no timer has rung', async () => {
    const permits = scriptedPermits();
    const line = over(scriptedWire(), { permits });
    const { take } = permits;
    permits.take = (request) => {
      line.clock.advance(60_000);
      return take(request);
    };
    await expect(line.run()).rejects.toMatchObject({ kind: 'deadline-passed' });
    expect(line.sent).toHaveLength(0);
    expect(line.told).toEqual([{ kind: 'never-sent' }]);
  });

  it('gives back a permit that comes when the deadline has rung', async () => {
    const permits = scriptedPermits();
    const { take } = permits;
    const late = Promise.withResolvers<void>();
    permits.take = async (request) => {
      await late.promise;
      return take(request);
    };
    const line = over(scriptedWire(), { permits });
    await expect(line.run()).rejects.toMatchObject({ kind: 'deadline-passed' });
    late.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    expect(line.told).toEqual([{ kind: 'never-sent' }]);
    expect(line.sent).toHaveLength(0);
  });
});

describe('a stopped call', () => {
  it('ends with the reason of its signal, its slot taken, told as no failure', async () => {
    const stop = new AbortController();
    const reason = new Error('nobody wants it');
    const line = over(
      scriptedWire(() => {
        queueMicrotask(() => stop.abort(reason));
        return new Promise(() => undefined);
      }),
    );
    await expect(line.run(callOf({ signal: stop.signal }))).rejects.toBe(reason);
    expect(line.told).toEqual([{ kind: 'unknown' }]);
    expect(line.records).toMatchObject([{ cancelled: true }]);
    expect(line.records[0]).not.toHaveProperty('failureKind');
  });

  it('takes no permit when it was stopped before', async () => {
    const reason = new Error('stopped');
    const { run, permits } = over(scriptedWire());
    await expect(run(callOf({ signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
    expect(permits.counts.taken).toBe(0);
  });
});

describe('an answer that is not as expected', () => {
  it.each([
    [
      'a lost field',
      { code: '0', data: [{ time: 1 }] },
      'data.0.close is not as expected (invalid_union)',
    ],
    [
      'a retyped field',
      { code: '0', data: [{ time: '1', close: '1' }] },
      'data.0.time is not as expected (invalid_type)',
    ],
    ['another shape', { code: '0', data: { list: [] } }, 'data is not as expected (invalid_type)'],
    ['null', { code: '0', data: null }, 'data is not as expected (invalid_type)'],
    ['no data', { code: '0' }, 'The answer has no data'],
    ['no envelope', [1, 2], 'The answer is no envelope'],
  ])('is named: %s', async (_name, body, detail) => {
    const { run, sent } = over(scriptedWire(rawAnswer(body), good));
    await expect(run()).rejects.toMatchObject({ kind: 'upstream-malformed', detail });
    expect(sent).toHaveLength(1);
  });

  it('tells where and what, bounded, and never the key', async () => {
    const body = { code: '0', data: [], msg: key, x: key };
    const endpoint = { ...candles, data: z.strictObject({ [key.repeat(20)]: z.string() }) };
    const { run, records } = over(scriptedWire(rawAnswer({ ...body, data: {} })));
    const failure = (await run(callOf({ endpoint })).catch((thrown: unknown) => thrown)) as Failure;
    expect(failure.detail.length).toBeLessThan(200);
    expect(JSON.stringify([failure.toRecord(), records])).not.toContain(key);
    expect(failure.upstream).toMatchObject({
      status: 200,
      path: '/api/futures/funding-rate/history',
      params: { symbol: 'SOL-USDT-SWAP' },
      snippet: expect.stringContaining('[masked]'),
    });
  });
});

describe('the key', () => {
  it('is in no failure and no record, wherever the vendor echoes it', async () => {
    const echoes = [
      refused('400', `Invalid API key provided: ${key}`),
      refused(key, key),
      rawAnswer(`<html>${key}</html>`),
      rawAnswer(`<html>${encodeURIComponent(key)}</html>`, { status: 502 }),
      rawAnswer({ code: '0', data: key }),
    ];
    for (const echo of echoes) {
      const { run, records } = over(scriptedWire(echo), { sendsMax: 1 });
      const params = { symbol: key };
      const failure = (await run(callOf({ params })).catch((thrown: unknown) => thrown)) as Failure;
      expect(JSON.stringify([failure.toRecord(), failure.message, records])).not.toContain(key);
    }
  });
});

describe('the book of permits', () => {
  const bookOf = () => {
    const entries: string[] = [];
    const permitBook = {
      granted: (arm: string, at: number) => entries.push(`${arm} granted ${at - startMs}`),
      returned: (arm: string, at: number) => entries.push(`${arm} returned ${at - startMs}`),
    };
    return { entries, permitBook };
  };
  const neverSent = async (attempt: Attempt): Promise<never> => {
    attempt.witness({ kind: 'never-sent' });
    throw reset;
  };

  it('has each permit once, under its arm, and the attempt knows when it was granted', async () => {
    const { entries, permitBook } = bookOf();
    const { run, sent } = over(scriptedWire(serverFault, good), { permitBook });
    await run(callOf({ arm: 'canary', callId: 'j1' }));
    expect(entries).toEqual(['canary granted 0', 'canary granted 500']);
    expect(sent.map(({ permittedAt }) => permittedAt - startMs)).toEqual([0, 500]);
  });

  it('has those go back for which nothing was sent', async () => {
    const { entries, permitBook } = bookOf();
    const permits = scriptedPermits(['stale', 'fresh']);
    const { run } = over(scriptedWire(neverSent), { permitBook, permits, sendsMax: 1 });
    await expect(run()).rejects.toMatchObject({ kind: 'upstream-unavailable' });
    expect(entries).toEqual([
      'baseline granted 0',
      'baseline returned 0',
      'baseline granted 0',
      'baseline returned 0',
    ]);
  });

  it('keeps those whose request may have arrived', async () => {
    const { entries, permitBook } = bookOf();
    const { run } = over(scriptedWire(reset), { permitBook, sendsMax: 1 });
    await expect(run()).rejects.toMatchObject({ kind: 'upstream-unavailable' });
    expect(entries).toEqual(['baseline granted 0']);
  });
});

describe('the first back-off', () => {
  it('is as told, and doubled for the next', async () => {
    const pipe = over(scriptedWire(serverFault, serverFault, good), { firstBackOffMs: 40 });
    await pipe.run();
    expect(slept(pipe)).toEqual([40, 80]);
  });
});
