import { setTimeout as delay } from 'node:timers/promises';
import type { DemoScenario, Say } from './scenario.ts';
import { minuteMs, type Stage } from './stage.ts';

const funding = 'futures/funding-rate/history';
const openInterest = 'futures/open-interest/history';

const askOther = (other: string): Record<string, unknown> => ({ baseUrl: other });

/** What the gateway says of the flags it goes by. */
const flagsOf = async ({
  house,
}: Stage): Promise<{ observedValue: number | string; output?: string }> => {
  const { json } = await house.get('/health');
  return json.checks['flags:source'][0];
};

const killRedis = async (stage: Stage, say: Say): Promise<void> => {
  const { redis } = stage.house;
  // All that was written is on disk: what is tried is an outage, not a loss.
  await redis.client().config('SET', 'appendfsync', 'always');
  const before = await flagsOf(stage);
  await redis.kill();
  await delay(4 * minuteMs);
  const during = await flagsOf(stage);
  await redis.start();
  say(`  --- meanwhile the gateway said: ${during.output}`);
  // Not the file of defaults; the run may have written a newer version just before the end.
  if (!(Number(during.observedValue) >= Number(before.observedValue)) || !during.output)
    throw new Error('flags did not go on while Redis was away');
};

export const demoScenarios: readonly DemoScenario[] = [
  {
    name: 'healthy',
    what: 'The canary waits less between sendings, and is otherwise the same client',
    canary: () => ({ retry: { firstBackOffMs: 200 } }),
    expects: { status: 'finished' },
  },
  {
    name: '401',
    what: 'The canary asks a vendor that does not know the key',
    canary: askOther,
    otherKey: true,
    expects: { status: 'rolled-back', because: ['hard-stop', 'worse:auth'] },
  },
  {
    name: '404-route',
    what: 'The canary has the wrong path for one operation',
    canary: () => ({ catalogue: { [funding]: { path: 'futures/funding-rates/history' } } }),
    expects: { status: 'rolled-back', because: ['hard-stop'], names: funding },
  },
  {
    name: '422-uncured',
    what: 'The vendor refuses 1h on one operation, and the canary does not climb to 4h',
    canary: () => ({ fallback: { steps: 0 } }),
    prepare: ({ house }) =>
      house.scenario({ path: funding, params: { interval: '1h' }, behaviour: '422-http' }),
    expects: { status: 'rolled-back', because: ['worse:params'], names: funding },
  },
  {
    name: 'limiter-leak',
    what: 'The canary sends one request in two without a permit (a planted fault)',
    leaks: true,
    expects: { status: 'rolled-back', because: ['quota-overrun'] },
  },
  {
    name: 'late-5xx',
    what: 'All is well at first; later the canary gets 500 on one operation',
    canary: askOther,
    incidents: [
      {
        after: 6,
        what: 'from now on the canary gets 500 on open interest',
        happens: (stage) => stage.otherVendor({ path: openInterest, behaviour: '500-http' }),
      },
    ],
    expects: { status: 'rolled-back', because: ['worse:server'], names: openInterest },
  },
  {
    name: 'late-regression',
    what: 'The canary is promoted; while it is still watched it gets 500 on one operation',
    canary: askOther,
    incidents: [
      {
        after: 'promotion',
        what: 'from now on the canary gets 500 on open interest',
        happens: (stage) => stage.otherVendor({ path: openInterest, behaviour: '500-http' }),
      },
    ],
    expects: { status: 'rolled-back', because: ['worse:server'], names: openInterest },
  },
  {
    name: 'vendor-outage',
    what: 'The vendor fails for both arms for a while',
    canary: () => ({ retry: { firstBackOffMs: 200 } }),
    incidents: [
      {
        after: 5,
        what: 'the vendor is down',
        happens: ({ house }) => house.scenario({ behaviour: '500-http' }),
      },
      { after: 11, what: 'the vendor is back', happens: ({ house }) => house.scenario() },
    ],
    expects: { status: 'finished', held: 'vendor-trouble' },
  },
  {
    name: 'low-traffic',
    what: 'Hardly anybody reads: two calls a minute',
    readsPerMinute: 2,
    expects: { status: 'inconclusive', because: ['too-few-calls'] },
  },
  {
    name: 'redis-killed',
    what: 'Redis is killed and comes back, with all it was told',
    canary: () => ({ retry: { firstBackOffMs: 200 } }),
    redisKeeps: true,
    incidents: [{ after: 5, what: 'Redis is killed, for four minutes', happens: killRedis }],
    expects: { status: 'finished', held: 'no-data' },
  },
];
