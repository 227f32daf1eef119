import { Failure } from '@glasshouse/coinglass-client';
import type { InteractiveJobInput, JobResult } from '@glasshouse/fetch-queue';
import { describe, expect, it } from '@jest/globals';
import type { CheckReport } from './report.ts';
import { NotTaken, type Road } from './road.ts';
import type { Patience } from './row.ts';
import { startCheckRows } from './rows.ts';
import { permitsPerRun } from './permit-budget.ts';
import { StartCheck, type StartCheckOptions } from './start-check.ts';

type Answer = JobResult | Error;

const usual: JobResult = { permits: 1, source: 'coinglass', clockAheadMs: 400 };

/** A road whose other end is a script: what each endpoint (or `stream`) answers; what is not in it passes. */
class ScriptedRoad implements Road {
  readonly asked: { job: InteractiveJobInput; patience: Patience }[] = [];
  readonly #script: Readonly<Record<string, Answer | Answer[]>>;

  constructor(script: Readonly<Record<string, Answer | Answer[]>> = {}) {
    this.#script = script;
  }

  ask(job: InteractiveJobInput, patience: Patience): Promise<JobResult> {
    this.asked.push({ job, patience });
    const name = 'endpoint' in job ? job.endpoint : 'stream';
    const scripted = this.#script[name];
    const answer =
      (Array.isArray(scripted) ? scripted.shift() : scripted) ??
      (name === 'stream' ? { permits: 0 } : usual);
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
    flagsSource: () => Promise.resolve({ from: 'file', stale: false }),
    patience: { answerMs: 20_000, pickUpMs: 10_000 },
    ...more,
  });

const rowOf = (report: CheckReport, name: string) => report.rows.find((row) => row.name === name);

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

    expect(report).toMatchObject({ verdict: 'pass', passed: 10, permits: 5, source: 'coinglass' });
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

    // The pairs twice, then two series, each of which may have cost a renewal of the table and a climb.
    expect(road.asked.filter(({ job }) => 'endpoint' in job)).toHaveLength(4);
    expect(report).toMatchObject({ verdict: 'fail', failed: 3, skipped: 4 });
    expect(rowOf(report, 'etf/bitcoin/flow-history')).toMatchObject({
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
      series[0],
      false,
    ]);
    expect(rowOf(report, series[1]!)).toMatchObject({
      detail: 'not asked: CoinGlass throttles us',
    });
  });

  it('asks once more after a trouble that may pass, and warns if it has passed', async () => {
    const road = new ScriptedRoad({ 'futures/supported-exchange-pairs': [unavailable, usual] });
    const report = await checkOn(road).run();
    expect(report).toMatchObject({ verdict: 'warn', warned: 1, failed: 0, permits: 6 });
    expect(report.rows[2]).toMatchObject({ detail: '503 once, then answered', asks: 2 });
    const silent = new ScriptedRoad({ stream: unavailable });
    await checkOn(silent).run({ only: ['stream'] });
    expect(silent.asked).toHaveLength(1);
  });

  it('asks nothing more once no fetcher took a job', async () => {
    const road = new ScriptedRoad({ 'futures/supported-exchange-pairs': new NotTaken() });
    const report = await checkOn(road).run();
    expect(road.asked).toHaveLength(1);
    expect(report).toMatchObject({
      verdict: 'fail',
      obstacle: 'no-fetcher',
      failed: 1,
      skipped: 7,
      permits: 0,
    });
  });

  it('asks nothing at all when Redis is away', async () => {
    const road = new ScriptedRoad();
    const report = await checkOn(road, {
      inspectRedis: () => Promise.reject(new Error('connect ECONNREFUSED')),
    }).run();
    expect(road.asked).toHaveLength(0);
    expect(report).toMatchObject({ obstacle: 'redis-away', failed: 1, skipped: 9 });
    expect(report.rows[0]).toMatchObject({ detail: 'connect ECONNREFUSED' });
  });

  it('says aloud that the stream is skipped, and is no worse for it', async () => {
    const report = await checkOn(new ScriptedRoad(), { streamSkipped: 'no WS URL' }).run();
    expect(report).toMatchObject({ verdict: 'pass', skipped: 1 });
    expect(rowOf(report, 'stream')).toMatchObject({ verdict: 'skipped', detail: 'no WS URL' });
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

  it('asks only the rows that are wanted', async () => {
    const road = new ScriptedRoad();
    const report = await checkOn(road).run({ only: ['etf/bitcoin/flow-history', 'key'] });
    expect(road.asked).toHaveLength(1);
    expect(report.rows).toMatchObject([
      { name: 'etf/bitcoin/flow-history', verdict: 'pass' },
      { name: 'key', verdict: 'pass', detail: 'present and accepted by CoinGlass' },
    ]);
  });

  it('says of the key what the requests met', async () => {
    const refused = new Failure('upstream-credentials', 'our key is not valid', {
      upstream: { status: 401 },
    });
    const one = await checkOn(new ScriptedRoad({ [series[0]!]: refused })).run();
    expect(rowOf(one, 'key')).toMatchObject({
      ...{ verdict: 'warn', detail: 'refused in 1 of 5 requests' },
      runbook: 'docs/runbooks/401.md',
    });
    const sandbox = { permits: 1, source: 'sandbox' };
    const all = { 'futures/supported-exchange-pairs': sandbox };
    const road = new ScriptedRoad(all);
    const report = await checkOn(road).run({ only: [...Object.keys(all), 'key'] });
    expect(rowOf(report, 'key')).toMatchObject({ detail: 'present and accepted by the sandbox' });
  });

  it.each([
    [1_900, 'pass', 'CoinGlass is 1.9 s ahead of the fetcher, by its Date header'],
    [-7_500, 'warn', 'CoinGlass is 7.5 s behind the fetcher, by its Date header'],
  ])('compares the clocks: %i ms is %s', async (clockAheadMs, verdict, detail) => {
    const told = { permits: 1, source: 'coinglass', clockAheadMs };
    const road = new ScriptedRoad({ 'etf/bitcoin/flow-history': told });
    const report = await checkOn(road).run({ only: ['etf/bitcoin/flow-history', 'clock'] });
    expect(rowOf(report, 'clock')).toMatchObject({ verdict, detail });
  });

  it.each([
    ['pass', { from: 'redis', version: 7, stale: false }, 'document 7 in Redis'],
    ['warn', { from: 'redis', version: 7, stale: true, staleForMs: 12_400 }, 'stale for 12 s'],
    ['warn', { from: 'last-known-good', version: 6, stale: true }, 'as it was last seen'],
    ['pass', { from: 'file', stale: false }, 'nobody has changed a flag in Redis'],
  ] as const)('says where the flags are from: %s, %j', async (verdict, source, words) => {
    const flagsSource = () => Promise.resolve(source);
    const report = await checkOn(new ScriptedRoad(), { flagsSource }).run({ only: ['flags'] });
    expect(report.rows).toMatchObject([{ verdict, detail: expect.stringContaining(words) }]);
  });

  it('never spends more than eight, whatever mixture of trouble it meets', async () => {
    const refusal = new Failure('interval-not-available', 'HTTP 422', {
      upstream: { status: 422 },
    });
    const malformed = new Failure('upstream-malformed', 'no JSON', { upstream: { status: 200 } });
    const climbs = { permits: 2, servedInterval: '4h', source: 'coinglass' };
    /** What each costs at most, without a renewal of the table. */
    const outcomes: readonly (readonly [Answer | undefined, number])[] = [
      [undefined, 1],
      [climbs, 2],
      [refusal, 2],
      [unavailable, 2],
      [malformed, 2],
    ];
    const names = ['futures/supported-exchange-pairs', ...series];
    for (let mixture = 0; mixture < outcomes.length ** names.length; mixture += 1) {
      const picked = names.map((name, place) => {
        const [answer, cost] =
          outcomes[Math.floor(mixture / outcomes.length ** place) % outcomes.length]!;
        // Without an interval there is no ladder.
        const isOdd = place === 0 && (answer === climbs || answer === refusal);
        return { name, answer: isOdd ? undefined : answer, cost: place === 0 ? 1 : cost };
      });
      const road = new ScriptedRoad(
        Object.fromEntries(
          picked.flatMap(({ name, answer }) => (answer ? [[name, answer] as const] : [])),
        ),
      );
      await checkOn(road).run();
      let tableIsKnown = false;
      const spent = road.asked.reduce((sum, { job }) => {
        if (!('endpoint' in job)) return sum;
        const { answer, cost = 1 } = picked.find(({ name }) => name === job.endpoint) ?? {};
        const table = names.indexOf(job.endpoint) > 0 && !tableIsKnown ? 1 : 0;
        tableIsKnown ||= names.includes(job.endpoint) && !(answer instanceof Error);
        return sum + cost + table;
      }, 0);
      expect({ mixture, spent }).toEqual({ mixture, spent: Math.min(spent, permitsPerRun) });
    }
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
