import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Agent } from 'undici';
import { House, type Answer } from './house.ts';
import { until } from './processes.ts';

const order = {
  endpoint: 'futures/funding-rate/history',
  instrument: { exchange: 'OKX', coin: 'SOL' },
  interval: '4h',
};
/** A question nobody has asked yet, so that no stored answer serves it. */
let asked = 10;
const newOrder = () => ({ ...order, params: { limit: (asked += 1) } });

interface Sending {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

describe('a job over HTTP', () => {
  let house: House;
  const agent = new Agent({ connections: 64 });
  beforeAll(async () => {
    house = await House.start({ env: { FETCHER_SHARED_CONCURRENCY: '2' } });
    await house.get('/advanced/pairs/futures');
  });
  afterAll(async () => {
    await agent.close();
    await house.stop();
  });
  beforeEach(() => house.scenario());

  const send = async (
    method: 'POST' | 'DELETE',
    path: string,
    { body, headers = {} }: Sending = {},
  ): Promise<Answer> => {
    const response = await agent.request({
      origin: `http://127.0.0.1:${house.ports.gateway}`,
      method,
      path,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.body.text();
    return { status: response.statusCode, headers: response.headers, text, json: JSON.parse(text) };
  };
  const submit = (body: unknown, key?: string): Promise<Answer> =>
    send('POST', '/v1/jobs', { body, ...(key && { headers: { 'idempotency-key': key } }) });
  const inState = async (id: string, state: string): Promise<Answer['json']> => {
    let job: Answer['json'];
    await until(`${id} is ${state}`, async () => {
      ({ json: job } = await house.get(`/v1/jobs/${id}`));
      return job.state === state;
    });
    return job;
  };
  /** Requests but for the instrument table. */
  const spent = async (): Promise<number> =>
    (await house.arrivals()).arrivals.filter(({ path }) => !path.includes('supported-exchange'))
      .length;

  it('lives from its submission to an answer that its link leads to', async () => {
    const { status, json, headers } = await submit(newOrder());
    expect({ status, location: headers['location'] }).toEqual({
      status: 202,
      location: json.links.self,
    });
    const job = await inState(json.id, 'completed');
    expect(job).toMatchObject({ team: 'open', permits: 1, result: { servedInterval: '4h' } });
    const answer = await house.get(job.links.answer);
    expect(answer.status).toBe(200);
    expect(answer.json.data.length).toBeGreaterThan(10);
    const listed = await house.get('/v1/jobs?state=completed');
    expect(listed.json.jobs[0]).toEqual(job);
  });

  it('is told on an event stream from beginning to end', async () => {
    await house.scenario({
      path: '/api/futures/funding-rate/history',
      behaviour: 'slow',
      delayMs: 500,
    });
    const { json } = await submit(newOrder());
    const { text } = await house.get(json.links.events);
    const events = [...text.matchAll(/^event: (\w+)$/gm)].map(([, event]) => event);
    expect(events[0]).toBe('state');
    expect(events.at(-1)).toBe('end');
    expect(text).toContain('"state":"completed"');
  });

  it('that fails says why, by kind', async () => {
    const path = '/api/futures/funding-rate/history';
    await house.scenario({ path, behaviour: 'html', status: 200 });
    const { json } = await submit(newOrder());
    const job = await inState(json.id, 'failed');
    expect(job.failure).toMatchObject({ kind: 'upstream-malformed', retryable: false });
    expect((await house.get('/v1/jobs?state=failed')).json.jobs[0].id).toBe(json.id);
  });

  it('is one job and one request under one key, 20 times at once', async () => {
    await house.forgetArrivals();
    const body = newOrder();
    const all = await Promise.all(Array.from({ length: 20 }, () => submit(body, 'twenty')));
    expect(new Set(all.map(({ json }) => json.id)).size).toBe(1);
    await inState(all[0]?.json.id, 'completed');
    expect(await spent()).toBe(1);
    const conflict = await submit(newOrder(), 'twenty');
    expect({ status: conflict.status, kind: conflict.json.kind }).toEqual({
      status: 409,
      kind: 'idempotency-conflict',
    });
  });

  it('is one job and one request though the gateway is killed while it takes it', async () => {
    for (const afterMs of [0, 2, 5, 10]) {
      await house.forgetArrivals();
      const body = newOrder();
      const key = `killed-after-${afterMs}`;
      const lost = submit(body, key).catch(() => undefined);
      await new Promise((on) => setTimeout(on, afterMs));
      await house.gateway.stop('SIGKILL');
      const first = await lost;
      await house.restartGateway();
      const again = await submit(body, key);
      if (first) expect(again.json.id).toBe(first.json.id);
      await inState(again.json.id, 'completed');
      expect(await spent()).toBe(1);
      const { jobs } = (await house.get('/v1/jobs?limit=200')).json;
      const same = jobs.filter(
        (job: { order: { params?: { limit: number } } }) =>
          job.order.params?.limit === body.params.limit,
      );
      expect(same).toHaveLength(1);
    }
  });

  it('is cancelled at once while it waits, and soon while it runs, and costs nothing more', async () => {
    await house.scenario({
      path: '/api/futures/funding-rate/history',
      behaviour: 'slow',
      delayMs: 6_000,
    });
    await house.forgetArrivals();
    // As many as run at once, and one that waits behind them.
    const running = [await submit(newOrder()), await submit(newOrder())];
    for (const { json } of running) await inState(json.id, 'running');
    await until('both were sent', async () => (await spent()) === 2);
    const waiting = await submit(newOrder());
    expect((await house.get(waiting.json.links.self)).json.state).toBe('queued');
    const gone = await send('DELETE', waiting.json.links.self);
    expect({ status: gone.status, state: gone.json.state }).toEqual({
      status: 200,
      state: 'cancelled',
    });
    const startedAt = Date.now();
    for (const { json } of running) {
      const { status, json: job } = await send('DELETE', json.links.self);
      expect({ status, state: job.state, cancelling: job.cancelling }).toEqual({
        status: 202,
        state: 'running',
        cancelling: true,
      });
    }
    for (const { json } of running) await inState(json.id, 'cancelled');
    expect(Date.now() - startedAt).toBeLessThan(3_000);
    const again = await send('DELETE', waiting.json.links.self);
    expect(again).toMatchObject({ status: 200, json: { state: 'cancelled' } });
    expect(await spent()).toBe(2);
  });

  it.each([
    ['no JSON', '{"endpoint":', 400, 'body'],
    ['a member twice', '{"endpoint":"a","endpoint":"b"}', 400, 'endpoint'],
    ['a prototype', '{"endpoint":"a","__proto__":{"x":1}}', 400, '__proto__'],
    ['nesting without end', '['.repeat(30_000), 400, 'body'],
    ['2 MB', `{"endpoint":"${'x'.repeat(2_000_000)}"}`, 413, 'body'],
    ['an unknown endpoint', { ...order, endpoint: 'futures/nope' }, 404, 'endpoint'],
    [
      'an unknown coin',
      { ...order, instrument: { exchange: 'OKX', coin: 'SLO' } },
      404,
      'instrument.coin',
    ],
    ['a team', { ...order, team: 'other' }, 400, 'team'],
    ['an interval that is none', { ...order, interval: '2h' }, 400, 'interval'],
  ])('with %s is refused by field and costs nothing', async (_what, body, status, field) => {
    await house.forgetArrivals();
    const answer = await submit(body);
    expect({
      status: answer.status,
      fields: answer.json.errors.map((e: { field: string }) => e.field),
    }).toEqual({
      status,
      fields: [field],
    });
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(await spent()).toBe(0);
  });

  it('is unknown after Redis has lost everything, and is submitted anew under its key', async () => {
    const body = newOrder();
    const { json } = await submit(body, 'lost');
    await inState(json.id, 'completed');
    await house.redis.client().flushall();
    const lost = await house.get(json.links.self);
    expect({ status: lost.status, kind: lost.json.kind }).toEqual({
      status: 404,
      kind: 'job-unknown',
    });
    expect((await submit(body, 'lost')).status).toBe(202);
  });
});
