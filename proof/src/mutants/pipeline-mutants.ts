import type { Mutant, Patch } from './mutant.ts';

const client = 'libs/coinglass-client/src/pipeline/';
const withPermit = (find: string, replace: string): Patch => ({
  file: `${client}with-permit.ts`,
  find,
  replace,
});
const cause = (find: string, replace: string): Patch => ({
  file: 'libs/rate-limiter/src/throttle-cause.ts',
  find,
  replace,
});
const settling =
  "permit.settle(witnessed.kind === 'answered' ? { ...witnessed, succeeded } : witnessed);";

/** Faults of the way to the vendor: they hold for either store. */
export const pipelineMutants: readonly Mutant[] = [
  {
    name: 'slot settled at the send, not at the answer',
    store: 'twin',
    scenario: 'duress',
    patches: [
      withPermit(
        'const page = await next({',
        "permit.settle({ kind: 'answered', succeeded: true }); const page = await next({",
      ),
    ],
  },
  {
    name: 'slot settled on a time-out',
    store: 'twin',
    scenario: 'silent',
    patches: [
      withPermit(settling, "permit.settle({ ...witnessed, kind: 'answered', succeeded });"),
    ],
  },
  {
    name: 'slot given back although the request was sent',
    store: 'twin',
    scenario: 'duress',
    patches: [
      withPermit("let witnessed = { kind: 'unknown' }", "let witnessed = { kind: 'never-sent' }"),
    ],
  },
  {
    name: 'permit used however old it is',
    store: 'twin',
    scenario: 'frozen',
    seed: 3,
    patches: [
      {
        file: 'libs/rate-limiter/src/limiter.ts',
        find: 'now() - askedAt < permitMaxAgeMs &&',
        replace: '',
      },
    ],
  },
  {
    name: 'age of the permit looked at before connecting only',
    store: 'twin',
    scenario: 'frozen',
    patches: [withPermit('permit.isFresh() && parts.now()', 'parts.now()')],
  },
  {
    name: 'deadline looked at before connecting only',
    store: 'twin',
    scenario: 'hurried',
    seed: 3,
    patches: [
      withPermit('permit.isFresh() && parts.now() < sending.deadlineAt', 'permit.isFresh()'),
    ],
  },
  {
    name: 'retry without a permit',
    store: 'twin',
    scenario: 'duress',
    patches: [
      withPermit(
        'await takeFresh(parts, sending);',
        'sending.attempt > 1 ? { permit: { settle() {}, isFresh: () => true }, permitWaitMs: 0 } : await takeFresh(parts, sending);',
      ),
    ],
  },
  {
    name: 'retries without end',
    store: 'twin',
    scenario: 'broken',
    patches: [{ file: `${client}pipeline.ts`, find: 'sendsMax: 3,', replace: 'sendsMax: 30,' }],
  },
  {
    name: 'pause kept to one process',
    store: 'twin',
    scenario: 'throttled',
    patches: [
      {
        file: 'libs/rate-limiter/src/limiter.ts',
        find: 'store.pause(terms(), { grantedAt, retryAfterMs: wait, random: random() });',
        replace:
          'Promise.resolve({ ...witness, lostForMs: 0, foreignAdded: 0, storeNow: 0, limit: limitSeen, resumesInMs: wait ?? 500, lengthened: true, inUse: 0, foreign: 0, grantedAt });',
      },
    ],
  },
  {
    name: 'slot ids drawn again for the next grant',
    store: 'twin',
    scenario: 'duress',
    patches: [{ file: 'libs/rate-limiter/src/limiter.ts', find: 'nextId += wanted;', replace: '' }],
  },
  {
    name: 'answers never settled',
    store: 'twin',
    scenario: 'saturated',
    patches: [
      {
        file: 'libs/rate-limiter/src/settlements.ts',
        find: 'push(answered, [slot.id]);',
        replace: '',
      },
    ],
  },
  {
    name: 'bulk lane takes all of the limit',
    store: 'twin',
    scenario: 'bulk',
    patches: [
      {
        file: 'libs/rate-limiter/src/lanes.ts',
        find: 'bulk: { sharePercent: 90',
        replace: 'bulk: { sharePercent: 100',
      },
    ],
  },
  {
    name: 'own overshoot blamed on the vendor',
    store: 'twin',
    scenario: 'overshoot',
    patches: [cause('takenSinceLowered > 0', 'false')],
  },
  {
    name: 'lowered flag taken for an overshoot of our own',
    store: 'twin',
    scenario: 'throttled-lowered',
    patches: [cause('takenSinceLowered > 0', 'true')],
  },
  {
    name: 'stranger in a full house taken for a fault of the vendor',
    store: 'twin',
    scenario: 'foreign',
    patches: [cause('Math.min(ownThen, allowed)', 'ownThen')],
  },
  {
    name: 'refusals not named',
    store: 'twin',
    scenario: 'plan-drop',
    patches: [
      {
        file: 'libs/rate-limiter/src/limiter.ts',
        find: "tell({ kind: 'throttled', team, lane, resumesInMs, cause, ...present(ledger) });",
        replace: '',
      },
    ],
  },
  {
    name: 'permit in hand used though its process knows of a refusal',
    store: 'twin',
    scenario: 'plan-drop',
    patches: [
      {
        file: 'libs/rate-limiter/src/limiter.ts',
        find: ' && askedAt > stopHeardAt',
        replace: '',
      },
    ],
  },
  {
    name: 'clock of the process instead of the store’s',
    store: 'twin',
    scenario: 'duress',
    patches: [
      {
        file: 'libs/rate-limiter/src/limiter.ts',
        find: '=> ({ windowMs, leaseMs, configuredLimit, flagLimit, witness });',
        replace: '=> ({ windowMs, leaseMs, configuredLimit, flagLimit, witness, clock: now() });',
      },
      {
        file: 'libs/rate-limiter/src/memory/permit-state.ts',
        find: 'const storeNow = Math.floor(now);',
        replace: 'const storeNow = Math.floor(terms.clock ?? now);',
      },
    ],
  },
];
