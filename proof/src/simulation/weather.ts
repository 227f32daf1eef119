import type { Chance } from './chance.ts';
import type { Onlooker } from './onlooker.ts';
import { noFaults, type Faults, type Scenario } from './scenario.ts';
import type { SimulatedStore } from './store.ts';
import type { Tally } from './tally.ts';
import type { Timeline } from './timeline.ts';
import type { Trace } from './trace.ts';
import type { Vendor } from './vendor.ts';

export interface WeatherParts {
  readonly scenario: Scenario;
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly store: SimulatedStore;
  readonly vendor: Vendor;
  readonly onlooker: Onlooker;
  readonly tally: Tally;
  readonly trace: Trace;
  readonly crashAll: () => void;
}

/** What befalls the house as a whole, while the storm lasts. */
export interface Weather {
  readonly faults: () => Faults;
  readonly outage: () => 'silent' | 'refuses' | undefined;
  readonly flag: () => number | undefined;
  calmDown(): void;
}

const MINUTE = 60_000;
const OUTAGE_MAX_MS = 20_000;
const SET_BACK_MAX_MS = 20_000;
const SNAPSHOTS_PER_MINUTE = 2;

export const createWeather = (parts: WeatherParts): Weather => {
  const { scenario, timeline, chance, store, vendor, onlooker, tally, trace, crashAll } = parts;
  let faults = scenario.faults;
  let outage: 'silent' | 'refuses' | undefined;
  let flag: number | undefined;
  let putBack: Awaited<ReturnType<SimulatedStore['remember']>> | undefined;
  let grantedByThen = 0;

  /** At random times, `perMinute` in the mean. */
  const nowAndThen = (perMinute: () => number, run: () => unknown): void => {
    if (perMinute() === 0) return;
    const again = (): void => {
      const delayMs = (-Math.log(1 - chance.next()) * MINUTE) / perMinute();
      timeline.after(delayMs, async () => {
        if (perMinute() === 0) return;
        await run();
        again();
      });
    };
    again();
  };

  const loseState = async (): Promise<void> => {
    trace.add('loss', 0, timeline.now());
    tally.stateLosses += 1;
    await store.forget();
    onlooker.stateGone(onlooker.granted());
  };

  /** As a server does that keeps a snapshot now and then. */
  const takeSnapshot = async (): Promise<void> => {
    putBack = await store.remember();
    grantedByThen = onlooker.granted();
  };

  const restore = async (): Promise<void> => {
    if (!putBack) return;
    trace.add('loss', 1, timeline.now());
    tally.restores += 1;
    await putBack();
    onlooker.stateGone(onlooker.granted() - grantedByThen);
  };

  /** Not twice within the time in which what each has made forgotten could share a window: it would only add up. */
  let hostCrashedAt = -Infinity;
  const crashHost = async (): Promise<void> => {
    if (timeline.now() - hostCrashedAt < scenario.windowMs + scenario.leaseMs) return;
    hostCrashedAt = timeline.now();
    await restore();
    crashAll();
  };

  const goAway = (): void => {
    trace.add('outage', 0, timeline.now());
    tally.outages += 1;
    outage = chance.pick(['silent', 'refuses'] as const);
    timeline.after(chance.upTo(OUTAGE_MAX_MS), () => (outage = undefined));
  };

  const changeFlag = (): void => {
    const lower = Math.max(1, Math.floor(scenario.limit * chance.between([0.3, 1])));
    flag = chance.happens(0.3) ? undefined : lower;
  };

  nowAndThen(() => faults.stateLosses, loseState);
  nowAndThen(
    () => (faults.restores + faults.hostCrashes > 0 ? SNAPSHOTS_PER_MINUTE : 0),
    takeSnapshot,
  );
  nowAndThen(() => faults.restores, restore);
  nowAndThen(() => faults.hostCrashes, crashHost);
  nowAndThen(() => faults.outages, goAway);
  nowAndThen(
    () => faults.clockSetBacks,
    () => store.setClockBack(chance.upTo(SET_BACK_MAX_MS)),
  );
  nowAndThen(() => faults.flagChanges, changeFlag);
  nowAndThen(
    () => scenario.foreignPerMinute,
    () => vendor.receiveForeign(),
  );
  const { drop } = scenario.vendor;
  if (drop) timeline.after(drop.afterMs, () => vendor.setLimit(drop.to));

  return {
    faults: () => faults,
    outage: () => outage,
    flag: () => flag,
    calmDown: () => void (faults = noFaults),
  };
};
