import { setTimeout as delay } from 'node:timers/promises';
import { House, type Answer } from './house.ts';

/**
 * `npm run proof:backfill`: a long backfill beside readers whose every read costs a request. Prints how much slower they become, how good
 * quote and ETA were, and how many requests it took. Some three minutes, on a machine that does nothing else; no part of `npm test`.
 */

const minute = 60_000;
const pages = 300;
const readEveryMs = 1_000;
const aloneForMs = 45_000;

const post = async (house: House, path: string, body: unknown): Promise<Answer['json']> => {
  const response = await fetch(`http://127.0.0.1:${house.ports.gateway}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return response.json();
};

/** Each read asks for other candles, so none is answered from the store. */
const readers = (house: House) => {
  const tookMs: number[] = [];
  const stop = new AbortController();
  let failed = 0;
  let asked = 0;
  const read = async (): Promise<void> => {
    asked += 1;
    const end = Math.floor(Date.now() / minute - asked * 7) * minute;
    const range = `start_time=${end - 50 * minute}&end_time=${end}`;
    const startedAt = performance.now();
    const { status } = await house.get(`/advanced/oi/history/BTC?interval=1m&${range}`);
    tookMs.push(performance.now() - startedAt);
    if (status !== 200) failed += 1;
  };
  const all: Promise<void>[] = [];
  const going = (async () => {
    while (!stop.signal.aborted) {
      all.push(read());
      await delay(readEveryMs);
    }
    await Promise.all(all);
  })();
  return {
    end: async () => {
      stop.abort();
      await going;
      return { tookMs, failed };
    },
  };
};

const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? NaN;

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const percent = (share: number): string => `${share >= 0 ? '+' : ''}${(100 * share).toFixed(1)} %`;
const figures = (name: string, { tookMs, failed }: { tookMs: number[]; failed: number }): void =>
  say(
    `${name.padEnd(10)} ${tookMs.length} reads, ${failed} failed, p50 ${quantile(tookMs, 0.5).toFixed(0)} ms, p90 ${quantile(tookMs, 0.9).toFixed(0)} ms, p95 ${quantile(tookMs, 0.95).toFixed(0)} ms, slowest ${Math.max(...tookMs).toFixed(0)} ms`,
  );

const house = await House.start({
  env: { COINGLASS_PLAN: 'enterprise' },
  sandboxEnv: { SANDBOX_PLAN: 'enterprise', SANDBOX_LATENCY_MS: '100' },
});
try {
  await house.get('/advanced/pairs/futures');
  const first = readers(house);
  await delay(aloneForMs);
  const alone = await first.end();
  figures('alone', alone);

  await house.forgetArrivals();
  const from = Date.now() - (pages * 1_000 - 1) * minute;
  const order = { what: 'funding', coin: 'SOL', interval: '1m', from };
  const beside = readers(house);
  const startedAt = Date.now();
  const { quote, links } = await post(house, '/v1/backfills', order);
  let view = (await house.get(links.self)).json;
  const etas: { readonly at: number; readonly etaAt: number }[] = [];
  while (view.state === 'queued' || view.state === 'running') {
    etas.push({ at: Date.now(), etaAt: view.etaAt });
    await delay(500);
    view = (await house.get(links.self)).json;
  }
  const tookMs = view.endedAt - startedAt;
  const together = await beside.end();
  figures('beside it', together);
  const [p95, p95Alone] = [together, alone].map((each) => quantile(each.tookMs, 0.95));
  say(`p95 moved   ${percent((p95 ?? NaN) / (p95Alone ?? NaN) - 1)} (goal: under +20 %)`);
  say(
    `backfill    ${view.state}, ${view.pages.done} pages, ${view.rows} rows, ${view.permits} requests (quoted ${quote.requests})`,
  );
  say(
    `took        ${(tookMs / 1_000).toFixed(1)} s, quoted ${(quote.durationMs / 1_000).toFixed(1)} s: ${percent(quote.durationMs / tookMs - 1)}`,
  );
  for (const part of [0.25, 0.5, 0.75]) {
    const { at, etaAt } = etas[Math.floor(etas.length * part)] ?? { at: NaN, etaAt: NaN };
    say(
      `ETA at ${part * 100} % ${percent((etaAt - at) / (view.endedAt - at) - 1)} of what was left`,
    );
  }
  const { total, maxInWindow } = await house.arrivals();
  say(`vendor      ${total} requests, at most ${maxInWindow} in a minute (limit 250)`);
  if (view.state !== 'completed' || together.failed > 0) process.exitCode = 1;
} finally {
  await house.stop();
}
