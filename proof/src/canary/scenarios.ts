import type { Call, Goal, Moment, Rates, Scenario } from './scenario.ts';

const failing = (server: number): Rates => ({ auth: 0, params: 0, server });
const well = failing(0.005);

const worse = (missedMax = 0.01, withinMinutes = Infinity): Goal => ({
  kind: 'worse',
  missedMax,
  withinMinutes,
});
const noWorse: Goal = { kind: 'no-worse' };

type Draft = Partial<Scenario> & Pick<Scenario, 'name' | 'goal'>;

const scenario = (draft: Draft): Scenario => ({
  mode: 'two-arm',
  callsPerMinute: 240,
  drawing: 'per-call',
  rates: () => well,
  sentPerPermit: () => ({ baseline: 1, canary: 1 }),
  foreign: () => 0,
  throttles: () => 0,
  ...draft,
});

const during =
  (from: number, minutes: number) =>
  ({ minute }: Moment): boolean =>
    minute >= from && minute < from + minutes;
const inCanary = (rates: Rates) => (call: Call) => (call.arm === 'canary' ? rates : well);
const outage = during(30, 10);
const incident = during(30, 4);

/** Five of 240 series fail whatever asks for them, one each of five operations. */
const deadSeries = ({ operation, series }: Call): Rates =>
  series === 0 && operation < 5 ? failing(1) : well;
const deadPairs = ({ operation, series }: Call): Rates =>
  series === 0 && operation < 5 ? { auth: 0, params: 1, server: 0 } : well;
const refused: Rates = { auth: 1, params: 0, server: 0 };

const twoArms: readonly Scenario[] = [
  scenario({ name: 'healthy', goal: noWorse }),
  scenario({ name: 'flaky-vendor', rates: () => failing(0.03), goal: noWorse }),
  scenario({
    name: 'outage',
    rates: (_, moment) => (outage(moment) ? failing(0.6) : well),
    goal: noWorse,
  }),
  scenario({
    name: 'baseline-leak',
    sentPerPermit: (moment) => ({ baseline: incident(moment) ? 1.5 : 1, canary: 1 }),
    goal: noWorse,
  }),
  scenario({
    name: 'foreign-use',
    foreign: (moment) => (incident(moment) ? 100 : 0),
    goal: noWorse,
  }),
  scenario({
    name: 'route-gone',
    rates: ({ operation }, { minute }) => (operation === 3 && minute >= 40 ? refused : well),
    goal: noWorse,
  }),
  scenario({
    name: 'key-revoked',
    rates: (_, { minute }) => (minute >= 40 ? refused : well),
    goal: noWorse,
  }),
  scenario({
    name: 'key-revoked-remembered',
    rates: (_, { minute }) => (minute >= 40 ? refused : well),
    remembers: 'key',
    goal: noWorse,
  }),
  scenario({
    name: 'dead-pairs-remembered',
    rates: deadPairs,
    deadShare: 0.3,
    remembers: 'series',
    goal: noWorse,
  }),
  scenario({ name: 'dead-series', rates: deadSeries, goal: noWorse }),
  scenario({
    name: 'dead-series-sticky',
    rates: deadSeries,
    drawing: 'per-series',
    goal: { kind: 'shown' },
  }),
  scenario({
    name: 'dead-series-5-min',
    rates: deadSeries,
    drawing: 'per-series-each-5-min',
    goal: { kind: 'shown' },
  }),
  scenario({ name: 'little-traffic', callsPerMinute: 20, goal: noWorse }),
  scenario({ name: 'hardly-any', callsPerMinute: 2, goal: { kind: 'unproven' } }),
  scenario({ name: 'no-traffic', callsPerMinute: 0, goal: { kind: 'unproven' } }),
  scenario({ name: '401-all', rates: inCanary(refused), goal: worse(0.01, 5) }),
  scenario({
    name: '404-one-operation',
    rates: ({ arm, operation }) => (arm === 'canary' && operation === 3 ? refused : well),
    goal: worse(),
  }),
  scenario({
    name: '422-uncured-5pp',
    rates: inCanary({ ...well, params: 0.05 }),
    goal: worse(),
  }),
  scenario({
    name: 'canary-leak',
    sentPerPermit: () => ({ baseline: 1, canary: 1.5 }),
    goal: worse(0.01, 20),
  }),
  scenario({
    name: '5xx-5pp-from-60',
    rates: ({ arm }, { minute }) => (arm === 'canary' && minute >= 60 ? failing(0.055) : well),
    goal: worse(),
  }),
  scenario({
    name: '7pp-in-flaky',
    rates: ({ arm }) => failing(arm === 'canary' ? 0.1 : 0.03),
    goal: worse(),
  }),
  scenario({
    name: '5xx-once-promoted',
    rates: ({ arm }, { promotedFor = -1 }) =>
      arm === 'canary' && promotedFor >= 5 ? failing(0.08) : well,
    goal: worse(),
  }),
  scenario({ name: 'thrice', rates: inCanary(failing(0.015)), goal: worse(0.1) }),
  scenario({ name: 'twice', rates: inCanary(failing(0.01)), goal: { kind: 'shown' } }),
];

const single = (draft: Draft): Scenario =>
  scenario({ ...draft, name: `single-${draft.name}`, mode: 'single-arm', callsPerMinute: 250 });

const oneArm: readonly Scenario[] = [
  single({ name: 'healthy', goal: noWorse }),
  single({
    name: 'at-budget',
    rates: () => ({ auth: 0.001, params: 0.01, server: 0.02 }),
    throttles: () => 0.005,
    goal: noWorse,
  }),
  single({
    name: 'outage',
    rates: (_, moment) => (outage(moment) ? failing(0.6) : well),
    goal: noWorse,
  }),
  single({ name: '401-all', rates: () => refused, goal: worse(0.01, 5) }),
  single({
    name: '404-one-operation',
    rates: ({ operation }) => (operation === 3 ? refused : well),
    goal: worse(),
  }),
  single({ name: '422-uncured-5pp', rates: () => ({ ...well, params: 0.06 }), goal: worse() }),
  single({
    name: '429-2pc-from-40',
    throttles: ({ minute }) => (minute >= 40 ? 0.02 : 0),
    goal: worse(),
  }),
  single({
    name: '5xx-8pc-from-60',
    rates: (_, { minute }) => (minute >= 60 ? failing(0.08) : well),
    goal: worse(),
  }),
];

export const canaryScenarios: readonly Scenario[] = [...twoArms, ...oneArm];
