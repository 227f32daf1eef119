import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startTestbed, type Testbed } from '../testbed.ts';

describe('the control surface', () => {
  const realNow = Date.parse('2026-11-23T07:59:30Z');
  let bed: Testbed;
  beforeAll(async () => {
    bed = await startTestbed({ clock: () => realNow, settings: { plan: 'startup' } });
  });
  beforeEach(() => bed.control('DELETE', ''));
  afterAll(() => bed.sandbox.close());

  const newest = async () => {
    const params = { symbol: 'BTC', interval: '1h', limit: '1' };
    const { body } = await bed.get('futures/open-interest/aggregated-history', params);
    return (body?.data as { time: number }[])[0];
  };

  it('says what this is, how it is set and what can be switched', async () => {
    expect((await bed.control('GET', '')).body).toMatchObject({
      what: expect.stringContaining('invented'),
      settings: { plan: 'startup', limit: 300, windowMs: 60_000, window: 'sliding' },
      clock: { offsetMs: 0, now: '2026-11-23T07:59:30.000Z' },
      scenarios: [],
    });
    expect((await bed.get('/livez')).status).toBe(200);
  });

  it('closes a candle by shifting the clock, and opens the next', async () => {
    const open = await newest();
    expect(open?.time).toBe(Date.parse('2026-11-23T07:00:00Z'));
    await bed.control('PUT', '/clock', { offsetMs: 60_000 });
    expect((await newest())?.time).toBe(Date.parse('2026-11-23T08:00:00Z'));
    await bed.control('DELETE', '/clock');
    expect(await newest()).toEqual(open);
  });

  it('changes the settings that are named and leaves the others; DELETE brings the first ones back', async () => {
    const changed = await bed.control('PUT', '/settings', { limit: 5, latencyMs: 1 });
    expect(changed.body).toMatchObject({ plan: 'startup', limit: 5, latencyMs: 1 });
    expect((await bed.control('DELETE', '/settings')).body).toMatchObject({ limit: 300 });
  });

  it.each([
    ['/scenarios', { rules: [{ behaviour: 'explode' }] }],
    ['/scenarios', { rules: [{ behaviour: 'slow', delay: 5 }] }],
    ['/scenarios', { rules: [{ behaviour: '404', times: 0 }] }],
    ['/scenarios', { preset: 'nonsense' }],
    ['/settings', { plan: 'free' }],
    ['/settings', { limits: 5 }],
    ['/clock', { offsetMs: 'tomorrow' }],
  ])('refuses on %s what it does not understand: %j', async (path, body) => {
    const { status, body: said } = await bed.control('PUT', path, body);
    expect(status).toBe(400);
    expect((said as { problems: unknown[] }).problems.length).toBeGreaterThan(0);
    expect((await bed.control('GET', '')).body).toMatchObject({
      scenarios: [],
      settings: { plan: 'startup', limit: 300 },
    });
  });

  it('knows no other switch', async () => {
    expect((await bed.control('GET', '/nonsense')).status).toBe(404);
  });

  it('stops at once although a request hangs', async () => {
    const other = await startTestbed();
    await other.control('PUT', '/scenarios', { preset: 'vendor-hanging' });
    const hanging = other.get('etf/bitcoin/list').then(
      () => 'answered',
      () => 'cut off',
    );
    let arrived = 0;
    while (arrived === 0) {
      const { body } = await other.control('GET', '/arrivals');
      arrived = (body as { summary: { total: number } }).summary.total;
    }
    await other.sandbox.close();
    expect(await hanging).toBe('cut off');
  });
});
