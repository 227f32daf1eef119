import { callers, fixed, house, MINUTE, type Draw } from './house.ts';
import { noFaults } from './scenario.ts';

/** Houses whose vendor refuses, each for a reason of its own: what it must be named, and how many refusals it may cost. */
export const refusalScenarios = {
  throttled: fixed('throttled', {
    faults: { ...noFaults, throttles: 0.01 },
    storm: { forMs: 15 * MINUTE },
    expects: { pausesHold: true, amplificationMax: 1.1, cause: 'vendor-fault' },
  }),
  /** The same while an operator lowers the limit now and then, and no answer says what the vendor counts or allows. */
  'throttled-lowered': fixed('throttled-lowered', {
    vendor: { ...house.vendor, quotaHeaders: false },
    latencyMs: [2_000, 10_000],
    faults: { ...noFaults, throttles: 0.05, flagChanges: 2 },
    storm: { forMs: 30 * MINUTE },
    expects: { cause: 'vendor-fault' },
  }),
  foreign: fixed('foreign', {
    foreignPerMinute: 60,
    storm: { forMs: 2 * MINUTE },
    watchedMs: MINUTE,
    expects: { foreignIsSeen: true, cause: 'foreign-use' },
  }),
  /** They go on for long: what is known of them must last, also over the pauses in which nothing is seen of them. */
  'foreign-long': fixed('foreign-long', {
    foreignPerMinute: 60,
    storm: { forMs: 10 * MINUTE },
    watchedMs: 10 * MINUTE,
    expects: { foreignIsSeen: true, cause: 'foreign-use', refusedWatchedMax: 12 },
  }),
  /** The same where the vendor allows more than the house takes. */
  'foreign-margin': fixed('foreign-margin', {
    vendor: { ...house.vendor, limit: 310 },
    foreignPerMinute: 40,
    storm: { forMs: 10 * MINUTE },
    watchedMs: 10 * MINUTE,
    expects: { foreignIsSeen: true, refusedMax: 0 },
  }),
  'plan-drop': fixed('plan-drop', {
    vendor: { ...house.vendor, drop: { afterMs: 2.5 * MINUTE, to: 100 } },
    storm: { forMs: 3 * MINUTE },
    recoveryMs: 2 * MINUTE,
    expects: { refusedMax: 20, refusedWatchedMax: 0, cause: 'plan-change', silentWhenFull: true },
  }),
  /** The same in the midst of the burst that comes round once a window: all callers may have a request under way. */
  'plan-drop-burst': fixed('plan-drop-burst', {
    vendor: { ...house.vendor, drop: { afterMs: 1.02 * MINUTE, to: 100 } },
    storm: { forMs: 2 * MINUTE },
    recoveryMs: 2 * MINUTE,
    expects: { refusedMax: 80, refusedWatchedMax: 0, cause: 'plan-change', silentWhenFull: true },
  }),
  /** The same with one request under way at most. */
  'plan-drop-calm': fixed('plan-drop-calm', {
    processes: 1,
    callers: [callers({ count: 1, idleMinMs: 500, idleMaxMs: 1_500 })],
    vendor: { ...house.vendor, drop: { afterMs: 2.5 * MINUTE, to: 30 } },
    storm: { forMs: 3 * MINUTE },
    recoveryMs: 2 * MINUTE,
    expects: { refusedMax: 1, refusedWatchedMax: 0, cause: 'plan-change', silentWhenFull: true },
  }),
  /** Somebody else sends so much in one go that nobody can have noticed it before. */
  'foreign-burst': fixed('foreign-burst', {
    foreignPerMinute: 400,
    storm: { forMs: MINUTE },
    watchedMs: MINUTE,
    expects: { foreignIsSeen: true, cause: 'foreign-use' },
  }),
  /** A limiter at fault: it must say so itself, until the fault has ended and the window that it filled has passed. */
  overshoot: fixed('overshoot', {
    faults: { ...noFaults, overlookedSlots: 12 },
    storm: { forMs: 5 * MINUTE },
    recoveryMs: 2 * MINUTE,
    expects: { cause: 'own-overshoot', refusedWatchedMax: 0 },
  }),
} as const satisfies Record<string, Draw>;
