import { createLimiter } from '@glasshouse/rate-limiter';
import { createChance } from './chance.ts';
import { connect } from './connection.ts';
import { startFetcher } from './fetcher.ts';
import type { RefusedBy } from './first-refusal.ts';
import { judge } from './judge.ts';
import { createLimitInForce } from './limit-in-force.ts';
import { createMachine, type Machine } from './machine.ts';
import { createOnlooker } from './onlooker.ts';
import { overlooking } from './overlooking.ts';
import { createWatch, type Violation } from './rules.ts';
import type { Scenario } from './scenario.ts';
import { openMemoryStore, type OpenStore } from './store.ts';
import { emptyTally, type Tally } from './tally.ts';
import { createTimeline } from './timeline.ts';
import { createTrace } from './trace.ts';
import { createVendor } from './vendor.ts';
import { createWeather } from './weather.ts';
import { createSimulatedWire } from './wire.ts';

export interface Outcome extends Tally {
  readonly scenario: Scenario;
  readonly violation: Violation | undefined;
  readonly steps: number;
  readonly simulatedMs: number;
  readonly arrivals: number;
  readonly worstSliding: number;
  readonly worstAligned: number;
  /** Of the limit that configuration, flag and vendor allowed while the house was watched, as a share. */
  readonly use: number;
  /** By the vendor’s own count: all told, and while the house was watched. */
  readonly refused: number;
  readonly refusedWatched: number;
  readonly starving: number;
  /** Refusals without a named cause. */
  readonly unnamed: number;
  readonly refusedBy: Readonly<RefusedBy>;
  readonly hash: string;
}

/** How long a process stands still: about as often shorter as longer than a permit lasts, at times past the lease. */
const FREEZE_MAX_MS = [3_000, 90_000] as const;
const RESTART_MAX_MS = 5_000;

/** Plays a scenario to its end, or to the first broken rule. The same scenario always gives the same outcome. */
export const simulate = async (
  scenario: Scenario,
  openStore: OpenStore = openMemoryStore,
): Promise<Outcome> => {
  const { windowMs, leaseMs, limit: configured, storm } = scenario;
  const timeline = createTimeline();
  const { now } = timeline;
  const startedAt = now();
  const chance = createChance(scenario.seed);
  const trace = createTrace();
  const watch = createWatch(now);
  const tally = emptyTally();
  const store = await openStore(now);
  const limit = createLimitInForce({
    configured,
    now,
    rememberedForMs: windowMs + leaseMs,
  });
  const vendor = createVendor({
    scenario,
    chance,
    now,
    throttles: () => weather.faults().throttles,
    serverErrors: () => weather.faults().serverErrors,
  });
  const onlooker = createOnlooker({ scenario, now, trace, watch, tally, limit, vendor });
  const weather = createWeather({
    scenario,
    timeline,
    chance,
    store,
    vendor,
    onlooker,
    tally,
    trace,
    crashAll: () => running.forEach((machine) => machine.crash()),
  });

  const operations = overlooking(store, () => weather.faults().overlookedSlots);

  const running = new Set<Machine>();
  let machines = 0;
  const startProcess = (): void => {
    machines += 1;
    const id = machines;
    const machine = createMachine({
      id,
      timeline,
      chance,
      skewMaxMs: scenario.skewMaxMs,
      driftMax: scenario.driftMax,
      fate: () => {
        const { crashes, freezes } = weather.faults();
        if (chance.happens(crashes)) return 'crash';
        if (!chance.happens(freezes)) return undefined;
        tally.freezes += 1;
        trace.add('freeze', id, now());
        return chance.upTo(chance.pick(FREEZE_MAX_MS));
      },
      onCrash: () => {
        running.delete(machine);
        tally.crashes += 1;
        trace.add('crash', id, now());
        timeline.after(chance.upTo(RESTART_MAX_MS), startProcess);
      },
    });
    running.add(machine);
    startFetcher({
      scenario,
      machine,
      chance,
      flag: weather.flag,
      store: connect({
        machine,
        timeline,
        chance,
        store: operations,
        delayMaxMs: scenario.storeDelayMaxMs,
        lostReplies: () => weather.faults().lostReplies,
        lostCommands: () => weather.faults().lostCommands,
        outage: weather.outage,
        onCommand: (command) => onlooker.commanded(machine, command),
      }),
      wire: createSimulatedWire({
        machine,
        timeline,
        chance,
        scenario,
        faults: weather.faults,
        onSent: (attempt) => onlooker.sent(machine, attempt),
        onHeard: (answer) => onlooker.heard(machine, answer),
      }),
      onEvent: (event) => {
        if (event.kind === 'foreign-use') tally.foreignSeen += event.requests;
        if (event.kind === 'throttled') onlooker.named(event.cause);
      },
      onCall: (told) => onlooker.told(told),
      onUnexpected: (thrown) => watch.broken('unexpected', String(thrown)),
    });
  };

  // Failures are thrown by the thousand here, and nobody reads their stacks.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const launcher = createLimiter(store.operations, { limit: configured, windowMs, leaseMs });
  await launcher.declareEpoch();
  for (let n = 0; n < scenario.processes; n += 1) startProcess();

  const broken = (): boolean => watch.violation() !== undefined;
  const runFor = async (ms: number): Promise<void> => {
    let over = false;
    timeline.after(ms, () => (over = true));
    await timeline.runUntil(() => over || broken());
  };
  if ('forMs' in storm) await runFor(storm.forMs);
  else await timeline.runUntil(() => timeline.steps() >= storm.steps || broken());
  weather.calmDown();
  if (!broken()) await runFor(scenario.recoveryMs);
  onlooker.beginWatching();
  const watchedFrom = now();
  const refusedBefore = vendor.refused();
  if (!broken()) await runFor(scenario.watchedMs);
  await store.close();
  Error.stackTraceLimit = stackTraceLimit;

  const limitWanted = Math.min(configured, weather.flag() ?? Infinity, vendor.limit());
  const measured = {
    ...tally,
    scenario,
    steps: timeline.steps(),
    simulatedMs: now() - startedAt,
    arrivals: vendor.own.total(),
    worstSliding: vendor.own.worstSliding(),
    worstAligned: vendor.own.worstAligned(),
    use: vendor.own.useSince(watchedFrom, limitWanted),
    refused: vendor.refused(),
    refusedWatched: vendor.refused() - refusedBefore,
    unnamed: onlooker.unnamed(),
    refusedBy: onlooker.refusedBy,
    starving: onlooker.starving().filter(({ lane }) => lane === 'interactive').length,
    hash: trace.hash(),
  };
  if (!broken()) judge(measured, watch);
  return { ...measured, violation: watch.violation() };
};
