import type { Attempt, RawAnswer } from '@glasshouse/coinglass-client';
import type { ThrottleCause } from '@glasshouse/rate-limiter';
import type { Command } from './connection.ts';
import type { Told } from './fetcher.ts';
import { createFirstRefusal, type RefusedBy } from './first-refusal.ts';
import type { LimitInForce } from './limit-in-force.ts';
import type { Machine } from './machine.ts';
import type { Watch } from './rules.ts';
import type { Callers, Scenario } from './scenario.ts';
import type { Tally } from './tally.ts';
import type { Trace } from './trace.ts';
import type { Vendor } from './vendor.ts';

/** The most that a limiter obeys, and the least. */
const RETRY_AFTER_MAX_MS = 120_000;
const RETRY_AFTER_MIN_MS = 1_000;
/** A permit from before a pause may still be used for so long; beside it the words of the pause are under way. */
const PERMIT_MAX_AGE_MS = 2_000;
const SENDINGS_MAX = 3;

export interface OnlookerParts {
  readonly scenario: Scenario;
  readonly now: () => number;
  readonly trace: Trace;
  readonly watch: Watch;
  readonly tally: Tally;
  readonly limit: LimitInForce;
  readonly vendor: Vendor;
}

/** Sees every step of every party, and holds them against the rules. */
export interface Onlooker {
  /** A request leaves; what is returned is its arrival. */
  sent(machine: Machine, attempt: Attempt): () => RawAnswer;
  heard(machine: Machine, answer: RawAnswer): void;
  /** A limiter has named the cause of a refusal. */
  named(cause: ThrottleCause): void;
  commanded(machine: Machine, command: Command): void;
  told(call: Told): void;
  /** The store has lost its state, or an older one was put back that knows nothing of so many grants. */
  stateGone(forgotten: number): void;
  /** Slots granted so far, all told. */
  granted(): number;
  /** From now on the house is watched: who is answered counts. */
  beginWatching(): void;
  starving(): readonly Callers[];
  /** Refusals that a process has heard, and whose cause should have been named by now. */
  unnamed(): number;
  readonly refusedBy: Readonly<RefusedBy>;
}

/** What of a command's words matters here. */
interface Words {
  readonly vendorLimit?: number;
  readonly flag?: number;
  readonly retryAfterMs?: number;
}

const slotsIn = (reply: unknown): number =>
  (reply as { teams: readonly { granted: number }[] }).teams.reduce(
    (sum, { granted }) => sum + granted,
    0,
  );

export const createOnlooker = (parts: OnlookerParts): Onlooker => {
  const { scenario, now, trace, watch, tally, limit, vendor } = parts;
  const granted = new Map<number, number>();
  const sent = new Map<number, number>();
  const calls = new Set<string>();
  let fed = new Set<Callers>();
  let isWatched = false;
  let refusalKnownFrom = Infinity;
  const refusalsHeardAt: number[] = [];
  let named = 0;
  /** By a Retry-After that a store was told of; by one that a process has heard. */
  let storePausedUntil = 0;
  let silence = { from: Infinity, until: 0 };

  const count = (counts: Map<number, number>, { id }: Machine, by: number): number => {
    const next = (counts.get(id) ?? 0) + by;
    counts.set(id, next);
    return next;
  };

  const onGrant = (machine: Machine, slots: number): void => {
    count(granted, machine, slots);
    if (slots > 0) trace.add('granted', slots, now());
    if (slots > 0 && now() < storePausedUntil) {
      const left = Math.round(storePausedUntil - now());
      watch.broken('granted-in-pause', `${slots} permits, ${left} ms too early`);
    }
  };

  const onPause = (retryAfterMs: number | undefined): void => {
    if (retryAfterMs === undefined) return;
    const obeyedMs = Math.min(Math.max(retryAfterMs, RETRY_AFTER_MIN_MS), RETRY_AFTER_MAX_MS);
    // The store cuts its clock to whole ms.
    storePausedUntil = Math.max(storePausedUntil, now() + obeyedMs - 1);
  };

  const firstRefusal = createFirstRefusal(now, scenario.storeDelayMaxMs);

  /** Their requests may share a window with those that the older state grants. */
  let forgotten: { readonly slots: number; readonly until: number }[] = [];
  const forgottenSlots = (): number => {
    forgotten = forgotten.filter(({ until }) => until >= now());
    return forgotten.reduce((sum, { slots }) => sum + slots, 0);
  };

  const arrived = (): RawAnswer => {
    trace.add('arrived', 0, now());
    const answer = vendor.receive();
    const inWindow = vendor.own.within(now());
    const { faults, expects } = scenario;
    const forgiven = expects.forgivesForgotten ? forgottenSlots() : 0;
    const allowed = limit.allowed() + faults.overlookedSlots + forgiven;
    if (inWindow > allowed) watch.broken('over-limit', `${inWindow} of ${allowed}`);
    return answer;
  };

  const isSilent = (time: number): boolean => time > silence.from && time < silence.until;

  return {
    refusedBy: firstRefusal.refusedBy,
    sent(machine, attempt) {
      trace.add('sent', machine.id, now());
      tally.sendings += 1;
      calls.add(`${machine.id}:${attempt.params['call']}`);
      tally.calls = calls.size;
      if (attempt.attempt > SENDINGS_MAX) watch.broken('too-often', `sending ${attempt.attempt}`);
      if (now() > refusalKnownFrom && vendor.isFull()) tally.sentThoughFull += 1;
      const used = count(sent, machine, 1);
      const paid = granted.get(machine.id) ?? 0;
      if (used > paid) watch.broken('unpaid', `${used} requests for ${paid} permits`);
      const lateMs = machine.now() - attempt.deadlineAt;
      if (lateMs > 0) watch.broken('late', `${Math.round(lateMs)} ms after its deadline`);
      if (scenario.expects.pausesHold && isSilent(now())) {
        watch.broken('sent-in-pause', `${Math.round(silence.until - now())} ms too early`);
      }
      const onRefused = firstRefusal.sent(machine);
      return () => {
        const before = vendor.refused();
        const answer = arrived();
        if (vendor.refused() > before) onRefused();
        return answer;
      };
    },
    heard(machine, { body, retryAfterMs }) {
      trace.add('heard', machine.id, now());
      if (!body.includes('429')) return;
      tally.throttled += 1;
      firstRefusal.heard(machine);
      refusalsHeardAt.push(now());
      // Until then the word is under way to the store, a permit from it, and a connection being opened.
      const underWayMs = 4 * scenario.storeDelayMaxMs + scenario.connectMaxMs;
      refusalKnownFrom = Math.min(refusalKnownFrom, now() + underWayMs);
      if (retryAfterMs === undefined) return;
      const from = now() + PERMIT_MAX_AGE_MS + 4 * scenario.storeDelayMaxMs;
      const until = now() + Math.min(retryAfterMs, RETRY_AFTER_MAX_MS);
      if (until > Math.max(from, silence.until)) silence = { from, until };
    },
    named(cause) {
      named += 1;
      tally.causes[cause] = (tally.causes[cause] ?? 0) + 1;
    },
    commanded(machine, { name, args, reply }) {
      tally.commands += 1;
      const [, told, more] = args as [unknown, Words, Words];
      const vendorLimit = (name === 'grant' ? more : told)?.vendorLimit;
      if (vendorLimit !== undefined) limit.setVendor(vendorLimit);
      if (name === 'announce' && 'flag' in told) limit.setFlag(told.flag);
      if (name === 'pause') {
        onPause(told.retryAfterMs);
        firstRefusal.storeTold();
      }
      if (name === 'grant') {
        onGrant(machine, slotsIn(reply));
        firstRefusal.storeAnswered(machine);
      }
    },
    told({ callers, answered, tookMs }) {
      const { seldomWithinMs: seldom } = scenario.expects;
      if (isWatched && seldom?.team === callers.team.id && tookMs > seldom.ms) {
        watch.broken('kept-waiting', `${Math.round(tookMs)} ms`);
      }
      if (answered) tally.answered += 1;
      else tally.failed += 1;
      if (answered) fed.add(callers);
    },
    stateGone(slots) {
      forgotten.push({ slots, until: now() + scenario.windowMs + scenario.leaseMs });
      // What it knew of pause and limits is gone with it: decision 0005 blocks all, and the vendor tells his limit again.
      storePausedUntil = 0;
      limit.setVendor(undefined);
      limit.setFlag(undefined);
    },
    granted: () => [...granted.values()].reduce((sum, slots) => sum + slots, 0),
    beginWatching() {
      isWatched = true;
      fed = new Set();
    },
    starving: () => scenario.callers.filter((callers) => !fed.has(callers)),
    unnamed() {
      // The limiter asks the store, and its command waits for those before it.
      const heardBy = now() - 4 * scenario.storeDelayMaxMs;
      return refusalsHeardAt.filter((heardAt) => heardAt < heardBy).length - named;
    },
  };
};
