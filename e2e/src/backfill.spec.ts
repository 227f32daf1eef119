import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { House } from './house.ts';
import { until } from './processes.ts';

const day = 86_400_000;

describe('probe', () => {
  let house: House;
  beforeAll(async () => {
    house = await House.start({
      env: { COINGLASS_PLAN: 'enterprise' },
      sandboxEnv: { SANDBOX_PLAN: 'enterprise' },
    });
  });
  afterAll(() => house.stop());
  it('works', async () => {
    const from = new Date(Date.now() - 730 * day).toISOString();
    const post = async (path: string, body: unknown) => {
      const response = await fetch(`http://127.0.0.1:${house.ports.gateway}${path}`, {
        method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body),
      });
      return { status: response.status, json: await response.json() as any };
    };
    const body = { what: 'funding', coin: 'SOL', exchange: 'OKX', interval: '1h', from };
    console.log(JSON.stringify(await post('/v1/backfills?dryRun=true', body), null, 1));
    const startedAt = Date.now();
    const made = await post('/v1/backfills', body);
    console.log(JSON.stringify(made, null, 1));
    let last: any;
    await until('done', async () => {
      last = (await house.get(made.json.links.self)).json;
      return !['queued', 'running'].includes(last.state);
    }, 60_000);
    console.log('took', Date.now() - startedAt, 'quoted', made.json.quote.durationMs, JSON.stringify(last, null, 1));
    console.log((await house.get(made.json.links.gaps)).text);
    const csv = await house.get(made.json.links.data + '?format=csv');
    console.log(csv.headers, csv.text.slice(0, 500), csv.text.slice(-300), csv.text.split('\r\n').length);
    const nd = await house.get(made.json.links.data + '?format=ndjson');
    console.log(nd.text.slice(0, 300), nd.text.slice(-300));
    expect(1).toBe(1);
  }, 90_000);
});
