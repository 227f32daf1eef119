import type { CanaryPlan } from '../verdict/decision.ts';
import type { LedgerReader } from '../ledger/ledger-reader.ts';
import { armsFound } from './arms-found.ts';
import { applyOrder, type OrderFacts } from './orders.ts';
import { CanaryRefusal } from './refusal.ts';
import { createReport, type CanaryReport } from './report.ts';
import type { RunStore } from './run-store.ts';
import type { CanaryRun, OrderName, Tick } from './run.ts';
import { startRun, type StartFacts } from './start.ts';

export interface CanaryDeskOptions {
  readonly store: RunStore;
  readonly ledger: Pick<LedgerReader, 'announcements'>;
  /** The flags in force; rejects when Redis is away. */
  readonly flags: () => Promise<StartFacts['flags']>;
  readonly now?: () => number;
}

/** The run as it stands, and whether anybody watches it. */
export interface CanaryLook {
  readonly run?: CanaryRun;
  /** Token and name of the controller that leads; absent: health is not running, and nothing is judged. */
  readonly leader?: string;
}

type By = Omit<OrderFacts, 'at'>;

/** How often an order is tried again when the record changes under it. */
const triesMax = 20;

/** Where people look at the run and give orders: the same for CLI and HTTP. Rejects with ioredis' errors, refuses with CanaryRefusal. */
export class CanaryDesk {
  readonly #options: Required<CanaryDeskOptions>;

  constructor(options: CanaryDeskOptions) {
    this.#options = { now: Date.now, ...options };
  }

  async look(): Promise<CanaryLook> {
    const { store } = this.#options;
    const [{ run }, leader] = await Promise.all([store.read(), store.leader()]);
    return { ...(run !== undefined && { run }), ...(leader !== undefined && { leader }) };
  }

  /** Ids of the runs whose reports can be read, the newest first. */
  async ids(): Promise<readonly string[]> {
    return this.#options.store.ids();
  }

  /** Of the current or last run, the newest last; none when there has been none. */
  async ticks(atMost: number): Promise<readonly Tick[]> {
    const { store } = this.#options;
    const { run } = await store.read();
    return run === undefined ? [] : store.ticks(run.id, atMost);
  }

  /** Of the named run, or the current or last one; undefined when there is no such run. */
  async report(id?: string): Promise<CanaryReport | undefined> {
    const { store } = this.#options;
    const run = id === undefined ? (await store.read()).run : await store.find(id);
    return run && createReport(run, await store.ticks(run.id));
  }

  async start(plan: CanaryPlan, by: By): Promise<CanaryRun> {
    const { flags, ledger, now } = this.#options;
    const [inForce, announced] = await Promise.all([flags(), ledger.announcements(now())]);
    const found = { flags: inForce, arms: armsFound(announced) };
    return this.#change((current, at) => startRun(current, plan, found, { ...by, at }));
  }

  async order(order: Exclude<OrderName, 'start'>, by: By): Promise<CanaryRun> {
    return this.#change((current, at) => {
      refuseWhilePending(current);
      return applyOrder(current, order, { ...by, at });
    });
  }

  async #change(
    next: (
      current: CanaryRun | undefined,
      at: number,
    ) => { readonly run: CanaryRun; readonly tick: Tick },
  ): Promise<CanaryRun> {
    const { store, now } = this.#options;
    for (let tries = 0; tries < triesMax; tries += 1) {
      const { version, run: current } = await store.read();
      const { run, tick } = next(current, now());
      const { state } = await store.change(version, run, [tick]);
      if (state === 'changed') return run;
    }
    throw new CanaryRefusal('The run changes all the time: try again');
  }
}

/** Two intents at once could not be told from a person's change of the flag. A controller needs a second for one. */
const refuseWhilePending = (run: CanaryRun | undefined): void => {
  if (run?.pending === undefined) return;
  const { at, reason } = run.pending;
  throw new CanaryRefusal(
    `Something is still to be written into the flags (${reason}, since ${new Date(at).toISOString()}): try again in a few seconds. ` +
      'If it stays, no controller is there: start health, or write the flags by hand',
  );
};
