import type { ArmName, CallCounts, MinuteCounts } from '@glasshouse/canary';
import type { Chance } from '../simulation/chance.ts';
import type { Moment, Scenario } from './scenario.ts';

export const OPERATIONS = 12;
export const SERIES = 20;
const VENDOR_LIMIT = 250;

type Growing<T> = { -readonly [K in keyof T]: T[K] };

const names = Array.from({ length: OPERATIONS }, (_, n) => `futures/operation-${n}/history`);
const nothing = (): Growing<CallCounts> => ({ ok: 0, auth: 0, params: 0, server: 0 });

const DEAD_OPERATIONS = 5;

/** What has been refused in this minute. A call that is refused from memory is not sent, and counts for nobody. */
const createMemory = (remembers: Scenario['remembers']) => {
  const known = { baseline: new Set<number>(), canary: new Set<number>() };
  return {
    /** Whether it is known already; from now on it is. */
    knows: (arm: ArmName, operation: number, series: number): boolean => {
      if (remembers === undefined) return false;
      const what = remembers === 'key' ? 0 : operation * SERIES + series;
      if (known.baseline.has(what) || known[arm].has(what)) return true;
      // A refused key speaks against a canary on trial each time: it is not remembered for it.
      if (remembers === 'series' || arm === 'baseline') known[arm].add(what);
      return false;
    },
  };
};

export interface House {
  /** What the ledger would tell of the next minute. `share` in per cent: of the calls, or of the limit where there is one arm. */
  minute(share: number, moment: Moment): MinuteCounts;
}

/** Poisson's, by Knuth below 30 and by the normal curve above. */
const arrivals = (mean: number, { next }: Chance): number => {
  if (mean <= 0) return 0;
  if (mean < 30) {
    const least = Math.exp(-mean);
    let count = 0;
    for (let product = next(); product > least; product *= next()) count++;
    return count;
  }
  const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
};

/** Whole requests of `mean`, so that on average none is lost. */
const rounded = (mean: number, chance: Chance): number => Math.floor(mean + chance.next());

/** Teams that ask through one key, and the vendor behind: calls arrive as they like, each draws its operation, series and arm. */
export const createHouse = (scenario: Scenario, chance: Chance): House => {
  const { mode, drawing, callsPerMinute, rates } = scenario;
  /** Where an arm sticks to a series: below the share it is the canary. */
  let sticks = new Float64Array(0);

  const drawArm = (share: number, place: number): ArmName => {
    const drawn = drawing === 'per-call' ? chance.next() : sticks[place]!;
    return 100 * drawn < share ? 'canary' : 'baseline';
  };

  const place = (): { operation: number; series: number } => {
    if (scenario.deadShare !== undefined && chance.happens(scenario.deadShare))
      return { operation: Math.floor(chance.next() * DEAD_OPERATIONS), series: 0 };
    return {
      operation: Math.floor(chance.next() * OPERATIONS),
      series: Math.floor(chance.next() * SERIES),
    };
  };

  const ledger = (permits: number, sent: number, throttledShare: number) => {
    let throttled = 0;
    for (let n = 0; n < sent; n++) if (chance.happens(throttledShare)) throttled++;
    return { permits, sent, throttled };
  };

  return {
    minute: (share, moment) => {
      if (sticks.length === 0 || (drawing === 'per-series-each-5-min' && moment.minute % 5 === 0))
        sticks = Float64Array.from({ length: OPERATIONS * SERIES }, () => chance.next());
      const ofLimit = mode === 'single-arm' ? share / 100 : 1;
      const ofCanary = mode === 'single-arm' ? 100 : share;
      const calls = Math.min(arrivals(callsPerMinute * ofLimit, chance), VENDOR_LIMIT);
      const operations = names.map(() => ({ baseline: nothing(), canary: nothing() }));
      const permits = { baseline: 0, canary: 0 };
      const memory = createMemory(scenario.remembers);
      for (let n = 0; n < calls; n++) {
        const { operation, series } = place();
        const arm = drawArm(ofCanary, operation * SERIES + series);
        const { auth, params, server } = rates({ arm, operation, series }, moment);
        const drawn = chance.next();
        if (drawn < auth + params && memory.knows(arm, operation, series)) continue;
        const counts = operations[operation]![arm];
        if (drawn < auth) counts.auth++;
        else if (drawn < auth + params) counts.params++;
        else if (drawn < auth + params + server) counts.server++;
        else counts.ok++;
        permits[arm]++;
      }
      const factors = scenario.sentPerPermit(moment);
      const sent = {
        baseline: rounded(permits.baseline * factors.baseline, chance),
        canary: rounded(permits.canary * factors.canary, chance),
      };
      const used = sent.baseline + sent.canary + scenario.foreign(moment);
      const throttled = Math.max(1 - VENDOR_LIMIT / used, scenario.throttles(moment), 0);
      return {
        at: moment.minute * 60_000,
        operations: Object.fromEntries(operations.map((arms, n) => [names[n]!, arms])),
        requests: {
          baseline: ledger(permits.baseline, sent.baseline, throttled),
          canary: ledger(permits.canary, sent.canary, throttled),
        },
        vendor: { used, limit: VENDOR_LIMIT },
        limitInForce: VENDOR_LIMIT,
        traces: [],
      };
    },
  };
};
