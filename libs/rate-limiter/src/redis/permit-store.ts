import type { Redis } from 'ioredis';
import type { Lane } from '../lanes.ts';
import type { PermitWait } from '../rate-limiter.ts';
import type {
  Announcement,
  GrantAsk,
  PermitStore,
  Seen,
  SettlementBatch,
  TeamGrant,
  Terms,
} from '../store.ts';
import type { PermitKeys } from './keys.ts';
import { createScript } from './script.ts';
import { announceScript } from './scripts/announce.ts';
import { declareEpochScript } from './scripts/declare-epoch.ts';
import { grantScript } from './scripts/grant.ts';
import { pauseScript } from './scripts/pause.ts';
import { settleScript } from './scripts/settle.ts';
import { redisClock } from './scripts/state.ts';
import { statusScript } from './scripts/status.ts';

const reasons: readonly PermitWait['because'][] = ['limit', 'pause', 'state-lost', 'team-quota'];

/** The numbers every writing script answers first; see `seen` in scripts/state.ts. */
const readSeen = ([
  lostForMs = 0,
  epoch = 0,
  seq = 0,
  limit = 0,
  storeNow = 0,
  foreignAdded = 0,
]: readonly number[]): Seen => ({ lostForMs, epoch, seq, limit, storeNow, foreignAdded });
const SEEN_LENGTH = 6;

const termsArgs = ({ windowMs, leaseMs, configuredLimit, flagLimit, witness }: Terms) => [
  windowMs,
  leaseMs,
  configuredLimit,
  flagLimit ?? '',
  witness.epoch,
  witness.seq,
];

const askArgs = ({ prefix, firstId, demands }: GrantAsk) => {
  const args: (string | number)[] = [prefix, firstId, demands.length];
  for (const { team, weight, permitsMax = '', wanted, later } of demands) {
    args.push(team, weight, permitsMax, wanted, later);
  }
  return args;
};

const readTeams = (numbers: readonly number[]): TeamGrant[] => {
  const teams: TeamGrant[] = [];
  for (let at = 0; at < numbers.length;) {
    const [granted = 0, reason = 1, waiting = 0, waits = 0] = numbers.slice(at, at + 4);
    at += 4 + waits;
    const because = reasons[reason - 1] ?? 'limit';
    teams.push({ granted, because, waiting, waitsMs: numbers.slice(at - waits, at) });
  }
  return teams;
};

const settlementArgs = (batch: SettlementBatch) => [
  batch.provenAt,
  batch.vendorLimit ?? '',
  batch.vendorCount?.epoch ?? '',
  batch.vendorCount?.seq ?? '',
  batch.answered.length,
  ...batch.answered,
  ...batch.neverSent,
];

const announcementArgs = (announcement: Announcement) => [
  announcement.configured ?? '',
  'flag' in announcement ? (announcement.flag ?? 'none') : '',
];

/** The permit store in Redis: one script an operation, its rules beside the scripts. `clock` is Lua that sets `now`. */
export const createRedisPermitStore = (
  redis: Redis,
  keys: PermitKeys,
  clock = redisClock,
): PermitStore => {
  const script = (write: (clock: string) => string) => createScript(redis, keys, write(clock));
  const numbers = (write: (clock: string) => string) => {
    const run = script(write);
    return async (args: Parameters<typeof run>[0]) => (await run(args)).map(Number);
  };
  const laneGrant = (lane: Lane) => numbers((time) => grantScript(time, lane));
  const grants: Record<Lane, ReturnType<typeof laneGrant>> = {
    interactive: laneGrant('interactive'),
    bulk: laneGrant('bulk'),
    probe: laneGrant('probe'),
  };
  const settle = numbers(settleScript);
  const pause = numbers(pauseScript);
  const announce = numbers(announceScript);
  const declareEpoch = numbers(declareEpochScript);
  const status = script(statusScript);

  return {
    async grant(terms, ask, settlements) {
      const args = [...termsArgs(terms), ...askArgs(ask), ...settlementArgs(settlements)];
      const reply = await grants[ask.lane](args);
      const [inUse = 0, ...teams] = reply.slice(SEEN_LENGTH);
      return { ...readSeen(reply), inUse, teams: readTeams(teams) };
    },
    async settle(terms, settlements) {
      return readSeen(await settle([...termsArgs(terms), ...settlementArgs(settlements)]));
    },
    async pause(terms, { grantedAt, retryAfterMs, random }) {
      const reply = await pause([...termsArgs(terms), grantedAt ?? '', retryAfterMs ?? '', random]);
      const [resumesInMs = 0, lengthened, inUse = 0, foreign = 0, ...more] =
        reply.slice(SEEN_LENGTH);
      const [vendorAllows = 0, takenSinceLowered = 0] = more;
      return {
        ...readSeen(reply),
        resumesInMs,
        lengthened: lengthened === 1,
        inUse,
        foreign,
        vendorAllows,
        takenSinceLowered,
      };
    },
    async announce(terms, announcement) {
      return readSeen(await announce([...termsArgs(terms), ...announcementArgs(announcement)]));
    },
    async declareEpoch(terms) {
      return readSeen(await declareEpoch(termsArgs(terms)));
    },
    async status(terms) {
      const reply = await status(termsArgs(terms));
      const [limit = 0, inUse = 0, foreign = 0, pausedForMs = 0, stateLostForMs = 0] = reply
        .slice(0, 5)
        .map(Number);
      const teams: Record<string, number> = {};
      for (const account of reply.slice(5)) {
        const team = String(account).replace(/~$/, '');
        teams[team] = (teams[team] ?? 0) + 1;
      }
      return { limit, inUse, foreign, pausedForMs, stateLostForMs, teams };
    },
  };
};
