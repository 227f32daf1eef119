import { Failure } from '@glasshouse/coinglass-client';
import type { InteractiveJobInput, JobResult } from '@glasshouse/fetch-queue';
import { describe, expect, it } from '@jest/globals';
import { NotTaken, type Road } from './road.ts';
import type { Patience } from './row.ts';
import { startCheckRows } from './rows.ts';
import { permitsPerRun } from './permit-budget.ts';
import { StartCheck, type StartCheckOptions } from './start-check.ts';

type Answer = JobResult | Error;

/** A road whose other end is a script: what each endpoint (or `stream`) answers; what is not in it passes. */
class ScriptedRoad implements Road {
  readonly asked: { job: InteractiveJobInput; patience: Patience }[] = [];
  readonly #script: Readonly<Record<string, Answer>>;

  constructor(script: Readonly<Record<string, Answer>> = {}) {
    this.#script = script;
  }

  ask(job: InteractiveJobInput, patience: Patience): Promise<JobResult> {
    this.asked.push({ job, patience });
    const name = 'endpoint' in job ? job.endpoint : 'stream';
    const answer = this.#script[name] ?? {
      permits: name === 'stream' ? 0 : 1,
      source: 'coinglass',
    };
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  }

  factsOf(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
}

const checkOn = (road: Road, more: Partial<StartCheckOptions> = {}): StartCheck =>
  new StartCheck({
    rows: startCheckRows,
    road,
    inspectRedis: () => Promise.resolve({ verdict: 'pass' }),
    patience: { answerMs: 20_000, pickUpMs: 10_000 },
    ...more,
  });

const unavailable = new Failure('upstream-unavailable', 'HTTP 503', { upstream: { status: 503 } });
const series = [
  'futures/funding-rate/history',
  'futures/open-interest/history',
  'futures/liquidation/history',
];

describe('the start check', () => {
  it('asks the five requests and the stream in order, fresh, on the probe lane, and never strictly', async () => {
    const road = new ScriptedRoad();
    const report = await checkOn(road).run();

    expect(report).toMatchObject({ verdict: 'pass', passed: 7, permits: 5, source: 'coinglass' });
    expect(road.asked.map(({ job }) => job)).toEqual([
      expect.objectContaining({
        endpoint: 'futures/supported-exchange-pairs',
        lane: 'probe',
        fresh: true,
      }),
      ...series.map((endpoint) =>
        expect.objectContaining({
          endpoint,
          instrument: { exchange: 'OKX', coin: 'SOL', base: 'USDT' },
          interval: '1h',
          strict: false,
          lane: 'probe',
          fresh: true,
        }),
      ),
      expect.objectContaining({ endpoint: 'etf/bitcoin/flow-history' }),
      expect.objectContaining({ probe: 'stream' }),
    ]);
  });

  it('warns, and spends eight, when every 1h is refused and 4h served', async () => {
    const widened = { permits: 2, servedInterval: '4h', source: 'coinglass' };
    const report = await checkOn(
      new ScriptedRoad(Object.fromEntries(series.map((name) => [name, widened]))),
    ).run();
    expect(report).toMatchObject({ verdict: 'warn', warned: 3, failed: 0, permits: permitsPerRun });
  });

  it('stops asking a vendor that is down before the eight requests of a check may be used up', async () => {
    const road = new ScriptedRoad({
      'futures/supported-exchange-pairs': unavailable,
      ...Object.fromEntries(series.map((name) => [name, unavailable])),
      'etf/bitcoin/flow-history': unavailable,
    });
    const report = await checkOn(road).run();

    // At three sends each, a third request might be the ninth.
    expect(road.asked.filter(({ job }) => 'endpoint' in job)).toHaveLength(2);
    expect(report).toMatchObject({ verdict: 'fail', failed: 2, skipped: 3 });
    expect(report.rows.at(-2)).toMatchObject({
      verdict: 'skipped',
      detail: 'not asked: the 8 requests of a check may be used up',
    });
  });

  it('asks nothing more of a vendor that throttles, but still opens the stream', async () => {
    const throttled = new Failure('upstream-throttled', 'Too Many Requests');
    const road = new ScriptedRoad({ [series[0]!]: throttled });
    const report = await checkOn(road).run();
    expect(road.asked.map(({ job }) => 'endpoint' in job && job.endpoint)).toEqual([
      'futures/supported-exchange-pairs',
      series[0],
      false,
    ]);
    expect(report.rows[3]).toMatchObject({ detail: 'not asked: CoinGlass throttles us' });
  });

  it('asks no second series once the first has been refused up to the end of the ladder', async () => {
    const refusal = new Failure('interval-not-available', 'HTTP 422', {
      upstream: { status: 422 },
    });
    const road = new ScriptedRoad(Object.fromEntries(series.map((name) => [name, refusal])));
    const report = await checkOn(road).run();

    expect(road.asked.map(({ job }) => 'endpoint' in job && job.endpoint)).toEqual([
      'futures/supported-exchange-pairs',
      'futures/funding-rate/history',
      'etf/bitcoin/flow-history',
      false,
    ]);
    expect(report).toMatchObject({ verdict: 'fail', failed: 1, skipped: 2 });
  });

  it('asks nothing more once no fetcher took a job', async () => {
    const road = new ScriptedRoad({ 'futures/supported-exchange-pairs': new NotTaken() });
    const report = await checkOn(road).run();
    expect(road.asked).toHaveLength(1);
    expect(report).toMatchObject({
      verdict: 'fail',
      obstacle: 'no-fetcher',
      failed: 1,
      skipped: 5,
      permits: 0,
    });
  });

  it('asks nothing at all when Redis is away', async () => {
    const road = new ScriptedRoad();
    const report = await checkOn(road, {
      inspectRedis: () => Promise.reject(new Error('connect ECONNREFUSED')),
    }).run();
    expect(road.asked).toHaveLength(0);
    expect(report).toMatchObject({ obstacle: 'redis-away', failed: 1, skipped: 6 });
    expect(report.rows[0]).toMatchObject({ detail: 'connect ECONNREFUSED' });
  });

  it('says aloud that the stream is skipped, and is no worse for it', async () => {
    const report = await checkOn(new ScriptedRoad(), { streamSkipped: 'no WS URL' }).run();
    expect(report).toMatchObject({ verdict: 'pass', skipped: 1 });
    expect(report.rows.at(-1)).toMatchObject({ verdict: 'skipped', detail: 'no WS URL' });
  });

  it('grants the first request, and only that, the longer patience', async () => {
    const road = new ScriptedRoad();
    await checkOn(road, { firstPatience: { answerMs: 90_000, pickUpMs: 30_000 } }).run();
    expect(road.asked.map(({ patience }) => patience.pickUpMs)).toEqual([
      30_000, 10_000, 10_000, 10_000, 10_000, 10_000,
    ]);
  });

  it('does not run twice at once: who asks meanwhile joins the run', async () => {
    const road = new ScriptedRoad();
    const check = checkOn(road);
    const [first, second] = await Promise.all([check.run(), check.run()]);
    expect(second).toBe(first);
    expect(road.asked).toHaveLength(6);
    expect(await check.run()).not.toBe(first);
  });

  it('survives a row of its own that throws', async () => {
    const broken = {
      name: 'broken',
      subject: 'redis' as const,
      permitsMax: 0,
      run: () => Promise.reject(new TypeError('oops')),
    };
    const report = await checkOn(new ScriptedRoad(), { rows: [broken] }).run();
    expect(report).toMatchObject({ verdict: 'fail', rows: [{ kind: 'internal' }] });
  });
});
