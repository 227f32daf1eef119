import {
  armsFound,
  callsOf,
  drivenFlag,
  isOver,
  isTaken,
  raisedShare,
  ruleText,
  settledValue,
  totalCalls,
  withEvent,
  type CanaryRun,
  type FlagIntent,
  type Leadership,
  type LedgerReader,
  type Lease,
  type MinuteCounts,
  type RunSettings,
  type RunStore,
  type TakenRun,
  type Tick,
} from '@glasshouse/canary';
import type { FlagPort, FlagsInForce } from './flag-port.ts';
import { judgePeriod } from './judge-period.ts';
import { noCounts } from './no-counts.ts';
import { writeIntent } from './write-intent.ts';

export interface ControllerOptions {
  readonly store: RunStore;
  readonly leadership: Leadership;
  readonly ledger: Pick<LedgerReader, 'minute' | 'announcements'>;
  readonly flags: FlagPort;
  /** For runs that begin; `limit` is the configured one. */
  readonly settings: RunSettings;
  /** Told of each change, after it stands in Redis. */
  readonly onChange?: (run: CanaryRun, tick?: Tick) => void;
  /** Epoch ms. */
  readonly now?: () => number;
}

/** So many writes in one pass at most; the next pass goes on. */
const changesMax = 100;
/** A period is complete when the last fetcher has written what it counted in it. */
const graceMsMax = 5_000;

/** The traffic is that of the last periods before a run. */
const rateOverPeriods = 5;

interface Change {
  readonly run: CanaryRun;
  readonly tick?: Tick;
}

/**
 * Brings the run forward, one change of its record after the other: writes into the flags what is decided, notices a person's change,
 * judges the periods that are complete. It keeps nothing in memory: whoever leads next goes on from the record. What is to stand in the
 * flags is in the record before it is in the flags, and both writes are refused to whoever does not lead any more.
 */
export class CanaryController {
  readonly #options: Required<ControllerOptions>;

  constructor(options: ControllerOptions) {
    this.#options = { onChange: () => undefined, now: Date.now, ...options };
  }

  /** One pass, as far as there is something to do. Resolves to the lease, undefined while another one leads; rejects when Redis is away. */
  async pass(): Promise<Lease | undefined> {
    const { store, leadership, onChange } = this.#options;
    const lease = await leadership.hold();
    if (lease === undefined) return undefined;
    for (let changes = 0; changes < changesMax && lease.isValid(); changes += 1) {
      const { version, run } = await store.read();
      const change = run === undefined ? undefined : await this.#next(run, lease);
      if (change === undefined) break;
      const { state } = await store.change(
        version,
        change.run,
        change.tick ? [change.tick] : [],
        lease,
      );
      if (state === 'fenced') return undefined;
      if (state === 'changed') onChange(change.run, change.tick);
    }
    return lease;
  }

  async #next(run: CanaryRun, lease: Lease): Promise<Change | undefined> {
    if (!isTaken(run)) return this.#take(run);
    if (run.pending !== undefined) return this.#write(run, run.pending, lease);
    if (isOver(run.status)) return undefined;
    const flags = await this.#options.flags.read();
    if (ruleText(flags.document, drivenFlag(run)) !== run.driven)
      return this.#takenOver(run, flags, lease);
    return (await this.#newArms(run, lease)) ?? this.#judge(run, flags, lease);
  }

  /**
   * The period is that of this controller's ledger; the limit is the configured one, or what the flag leaves of it. Where there is
   * little traffic, the first share of two arms is raised, so that its stage can be passed at all.
   */
  async #take(run: CanaryRun): Promise<Change> {
    const { flags, settings } = this.#options;
    const { document } = await flags.read();
    const { periodMs, limit } = settings;
    const allowed = Number(settledValue(document, 'coinglass.rpm') ?? limit);
    const share = await this.#firstShare(run);
    return {
      run: {
        ...run,
        share,
        settings: { periodMs, limit: Math.min(limit, allowed) },
        ...(run.pending && { pending: { ...run.pending, share } }),
      },
    };
  }

  async #firstShare({ plan, share }: CanaryRun): Promise<number> {
    const { ledger, settings, now } = this.#options;
    const [first] = plan.stages;
    if (plan.mode === 'single-arm' || first === undefined) return share;
    const last = nextBegin(now(), settings) - settings.periodMs;
    const minutes = await Promise.all(
      Array.from({ length: rateOverPeriods }, (_, ago) =>
        ledger.minute(last - (ago + 1) * settings.periodMs),
      ),
    );
    const calls = minutes.reduce((sum, minute) => sum + (minute ? callsIn(minute) : 0), 0);
    // Where nobody called lately there is nothing to go by.
    return calls === 0 ? share : raisedShare(first, calls / rateOverPeriods);
  }

  /** The record after the pending intent stands in the flags, whoever has written it there. */
  async #write(run: TakenRun, pending: FlagIntent, lease: Lease): Promise<Change | undefined> {
    const { flags, now } = this.#options;
    const before = await flags.read();
    const { state, version, rule } = await writeIntent(flags, run, pending, lease);
    if (state === 'not-leading') return undefined;
    if (state === 'taken-over') return this.#takenOver(run, await flags.read(), lease);
    const { pending: _, ...rest } = run;
    const at = now();
    return {
      run: {
        ...rest,
        driven: rule,
        flagVersion: version,
        judgeFrom: run.judgeFrom ?? nextBegin(at, run.settings),
        events: run.events.map((event) =>
          event.at === pending.at ? { ...event, flagVersion: version } : event,
        ),
      },
      tick: {
        kind: 'flags',
        ...{ at, token: lease.token, reason: pending.reason },
        ...{ flagVersionBefore: before.version, flagVersionAfter: version },
      },
    };
  }

  #takenOver(run: CanaryRun, { version, actor = 'somebody' }: FlagsInForce, lease: Lease): Change {
    const at = this.#options.now();
    const { pending: _, ...rest } = run;
    const words = `${drivenFlag(run)} was changed by ${actor}: the run ends and writes nothing any more`;
    return {
      run: withEvent(
        { ...rest, status: 'taken-over', because: actor, flagVersion: version, endedAt: at },
        { at, what: 'taken-over', by: actor, words },
      ),
      tick: { kind: 'taken-over', at, token: lease.token, by: actor, flagVersion: version },
    };
  }

  /** What was found out about one canary says nothing of another: a person is asked, once for each. */
  async #newArms(run: TakenRun, lease: Lease): Promise<Change | undefined> {
    const { ledger, now } = this.#options;
    const at = now();
    const arms = armsFound(await ledger.announcements(at));
    if (arms.digests.every((digest) => run.arms.digests.includes(digest))) return undefined;
    const options = arms.options.join(', ') || 'nothing';
    const words = `fetchers run another canary than before, which differs in: ${options}`;
    const moves = run.status === 'running' || run.status === 'held';
    const asks = moves || run.status === 'promoted';
    const what = asks ? 'inconclusive' : run.status;
    return {
      run: withEvent(
        {
          ...run,
          arms,
          warnings: [...run.warnings, `Since ${new Date(at).toISOString()} ${words}`],
          ...(asks && { status: 'inconclusive' as const, because: 'another-canary' }),
        },
        { at, what, by: 'canary', words },
      ),
      tick: { kind: 'arms', at, token: lease.token, arms, words },
    };
  }

  async #judge(
    run: TakenRun,
    { document }: FlagsInForce,
    lease: Lease,
  ): Promise<Change | undefined> {
    const { judgeFrom, settings } = run;
    const { ledger, now } = this.#options;
    const at = now();
    if (judgeFrom === undefined || !this.#isComplete(judgeFrom, run, at)) return undefined;
    const counts = await ledger.minute(judgeFrom);
    return judgePeriod(run, counts ?? noCounts(judgeFrom), {
      ...{ at, token: lease.token },
      kept: counts !== undefined,
      auto: settledValue(document, 'canary.auto') === true,
      latest: !this.#isComplete(judgeFrom + settings.periodMs, run, at),
    });
  }

  #isComplete(begin: number, { settings: { periodMs } }: TakenRun, at: number): boolean {
    return at >= begin + periodMs + Math.min(graceMsMax, periodMs / 2);
  }
}

/** The first whole period after `at`. */
const nextBegin = (at: number, { periodMs }: RunSettings): number =>
  Math.ceil(at / periodMs) * periodMs;

const callsIn = (counts: MinuteCounts): number => {
  const { baseline, canary } = totalCalls(counts);
  return callsOf(baseline) + callsOf(canary);
};
