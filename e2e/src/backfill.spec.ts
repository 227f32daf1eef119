import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { House } from './house.ts';
import { root, until } from './processes.ts';

const hour = 3_600_000;
const day = 24 * hour;
const series = '/api/futures/funding-rate/history';
const from = new Date(Math.floor(Date.now() / day - 730) * day).toISOString().slice(0, 10);
const fromMs = Date.parse(from);

interface Ended {
  readonly code: number | null;
  readonly text: string;
}

/** The command as a team runs it, on a pipe. */
class Command {
  readonly child: ChildProcess;
  text = '';

  constructor(house: House, words: readonly string[]) {
    const script = join(root, 'apps/gateway/dist/backfill.js');
    this.child = spawn(process.execPath, [script, ...words], {
      env: {
        PATH: process.env['PATH'],
        GLASSHOUSE_URL: `http://127.0.0.1:${house.ports.gateway}`,
      },
    });
    const hear = (chunk: Buffer): void => {
      this.text += chunk.toString();
    };
    this.child.stdout?.on('data', hear);
    this.child.stderr?.on('data', hear);
  }

  async ended(): Promise<Ended> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      await once(this.child, 'exit');
    }
    return { code: this.child.exitCode, text: this.text };
  }
}

describe('a backfill of two years', () => {
  let house: House;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'glasshouse-backfill-'));
    house = await House.start({
      env: { COINGLASS_PLAN: 'enterprise' },
      sandboxEnv: { SANDBOX_PLAN: 'enterprise' },
    });
    await house.get('/advanced/pairs/futures');
  });
  afterAll(async () => {
    await house.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    await house.scenario();
    await house.forgetArrivals();
  });

  const words = (out: string, ...more: string[]): string[] => [
    ...['--what', 'funding', '--coin', 'SOL', '--exchange', 'OKX', '--from', from],
    ...['--out', join(folder, out), ...more],
  ];
  const rowsOf = (out: string): Record<string, unknown>[] =>
    readFileSync(join(folder, out), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const pageStart = (page: number): string => String(fromMs + page * 1_000 * hour);
  const backfills = async () => (await house.get('/v1/backfills')).json.backfills;
  /** Of the two-year history alone; a table of instruments may be renewed beside it. */
  const pagesAsked = async (): Promise<number> =>
    (await house.arrivals()).arrivals.filter(({ path }) => path === series).length;

  it('is quoted exactly, comes whole, in order, with the running candle marked', async () => {
    const quoted = await new Command(house, words('a.csv', '--quote')).ended();
    expect(quoted.code).toBe(0);
    const [, requests] = /costs +(\d+) requests/.exec(quoted.text) ?? [];
    expect(await pagesAsked()).toBe(0);
    const { code, text } = await new Command(house, words('a.ndjson')).ended();
    process.stderr.write(`\n${text}\n`);
    expect({ code, text }).toMatchObject({ code: 0, text: expect.stringContaining('no gaps') });
    expect(await pagesAsked()).toBe(Number(requests));
    const rows = rowsOf('a.ndjson');
    expect(rows[0]).toMatchObject({ time: fromMs, time_iso: `${from}T00:00:00.000Z` });
    for (const [at, { time }] of rows.entries()) expect(time).toBe(fromMs + at * hour);
    expect(rows.filter((row) => row['open_candle'] === true)).toEqual([rows.at(-1)]);
    expect(existsSync(join(folder, 'a.ndjson.backfill.json'))).toBe(false);
  });

  it('reports every planted gap, puts disorder right, and goes on without a refused page', async () => {
    const missing = [
      [fromMs + 10 * hour, fromMs + 12 * hour],
      [fromMs + 2_999 * hour, fromMs + 3_002 * hour],
    ];
    await house.scenario(
      { path: series, params: { start_time: pageStart(5) }, behaviour: '404' },
      { path: series, behaviour: 'disorder', missing, repeated: 7, shuffled: true },
    );
    const { code, text } = await new Command(house, words('gaps.ndjson')).ended();
    expect({ code, text }).toMatchObject({ code: 4 });
    const [backfill] = await backfills();
    const report = (await house.get(backfill.links.gaps)).json;
    expect(
      report.gaps.map((gap: Record<string, unknown>) => [
        gap['from'],
        gap['candles'],
        gap['reason'],
      ]),
    ).toEqual([
      [fromMs + 10 * hour, 2, 'not-in-answer'],
      [fromMs + 2_999 * hour, 3, 'not-in-answer'],
      [fromMs + 5_000 * hour, 1_000, 'upstream-rejected'],
    ]);
    expect(report.repeated).toBeGreaterThan(2_000);
    const times = rowsOf('gaps.ndjson').map(({ time }) => Number(time));
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
    expect(times).toHaveLength(backfill.candles - 1_005);
    expect(text).toContain('3 gaps, 1,005 candles');
  });

  it('killed with its command and with the fetcher it goes on, and pays for no stored page again', async () => {
    await house.scenario({ path: series, behaviour: 'slow', delayMs: 400 });
    const first = new Command(house, words('killed.csv'));
    await until('some pages are stored', async () => {
      const [backfill] = await backfills();
      return backfill?.state === 'running' && backfill.pages.done >= 3;
    });
    first.child.kill('SIGKILL');
    house.fetchers.pop()?.child.kill('SIGKILL');
    const [{ links, pages: atKill }] = await backfills();
    const askedBefore = await pagesAsked();
    await house.scenario();
    await house.startFetcher();
    const { code, text } = await new Command(house, words('killed.csv')).ended();
    expect({ code, text }).toMatchObject({
      code: 0,
      text: expect.stringContaining('goes on with'),
    });
    const { arrivals } = await house.arrivals();
    const asked = arrivals.filter(({ path }) => path === series).length;
    const view = (await house.get(links.self)).json;
    const inFlight = askedBefore - atKill.done;
    const repaid = asked - view.pages.total;
    process.stderr.write(
      `killed at ${atKill.done} of ${atKill.total} pages with ${inFlight} in flight; paid twice: ${repaid}\n`,
    );
    expect(repaid).toBeLessThanOrEqual(inFlight);
    expect(view).toMatchObject({ state: 'completed', rows: view.candles });
    const csv = readFileSync(join(folder, 'killed.csv'), 'utf8').split('\r\n');
    expect(csv[0]).toBe('time,time_iso,open,high,low,close,open_candle');
    expect(csv).toHaveLength(view.candles + 2);
  });

  it('stops at a refused interval, for few requests, and says which one works', async () => {
    await house.scenario({ path: series, params: { interval: '1h' }, behaviour: '403-in-200' });
    const { code, text } = await new Command(house, words('refused.csv')).ended();
    expect({ code, text }).toMatchObject({
      code: 1,
      text: expect.stringContaining('order the backfill with interval 4h'),
    });
    expect(await pagesAsked()).toBeLessThanOrEqual(3);
  });

  it('is refused before it costs anything, naming what to change', async () => {
    const ask = async (...more: string[]) => {
      const { code, text } = await new Command(house, words('bad.csv', ...more)).ended();
      expect(code).toBe(2);
      return text;
    };
    expect(await ask('--coin', 'SLO')).toContain('did you mean SOL');
    expect(await ask('--what', 'fundings')).toContain('did you mean funding');
    expect(await ask('--interval', '2h')).toContain('--interval');
    expect(await ask('--from', '2030-01-01')).toContain('must not be in the future');
    expect(await ask('--from', 'yesterday')).toContain('--from: must be epoch ms, a date');
    expect(await pagesAsked()).toBe(0);
    expect(existsSync(join(folder, 'bad.csv.backfill.json'))).toBe(false);
  });
});
