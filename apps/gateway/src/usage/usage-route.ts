import { Failure, invalidRequest } from '@glasshouse/coinglass-client';
import { openTeam, type Team, type Usage } from '@glasshouse/teams';
import type { FastifyInstance } from 'fastify';
import type { Caller } from '../access/access.ts';
import type { RouteDoor } from '../http/guarded-route.ts';
import { registerJsonRoute } from '../http/json-route.ts';

export interface UsageRouteParts extends RouteDoor {
  /** All registered teams. */
  readonly teams: () => readonly Team[];
  /** Both reject when Redis is away. */
  readonly read: (team: string) => Promise<Usage>;
  readonly left: (team: Team) => Promise<number | undefined>;
}

/** What one team has used, and what it may. */
interface TeamUsage {
  readonly team: string;
  readonly weight: number;
  readonly usage: Usage;
  /** Of requests in the last 60 s; absent without a quota. */
  readonly requestsPerMinute?: { readonly quota: number; readonly left: number };
  /** Of requests to CoinGlass in the last 60 s; absent without a quota. */
  readonly permitsPerMinute?: { readonly quota: number; readonly left: number };
}

/** `GET /v1/usage`: a team sees its own figures, an admin those of all teams, or of the one it names. */
export const registerUsageRoute = (fastify: FastifyInstance, parts: UsageRouteParts): void =>
  registerJsonRoute(fastify, parts, {
    ...{ method: 'GET', path: '/v1/usage', operation: 'usage', scope: 'read' },
    query: ['team'],
    answer: async ({ caller, query }) => {
      const teams = chosen(caller, query.get('team'), parts.teams());
      const usages = await Promise.all(teams.map((team) => usageOf(team, parts)));
      return { status: 200, body: { teams: usages } };
    },
  });

/** What the house fetches for everybody (the table of instruments) has an account of its own. */
const houseTeam: Team = { id: 'house', weight: 1 };

const chosen = (
  caller: Caller,
  asked: string | undefined,
  registered: readonly Team[],
): readonly Team[] => {
  if (asked === caller.team.id) return [caller.team];
  if (!caller.scopes.has('admin')) {
    if (asked === undefined) return [caller.team];
    throw new Failure('forbidden-scope', "Another team's usage needs the scope admin");
  }
  const others = [...registered, openTeam, houseTeam].filter(({ id }) => id !== caller.team.id);
  const all = [caller.team, ...others];
  if (asked === undefined) return all;
  const team = all.find(({ id }) => id === asked);
  if (team) return [team];
  throw invalidRequest([
    {
      field: 'team',
      message: 'is no team here',
      allowed: all.slice(0, 50).map(({ id }) => id),
    },
  ]);
};

const usageOf = async (team: Team, { read, left }: UsageRouteParts): Promise<TeamUsage> => {
  const [usage, requestsLeft] = await Promise.all([read(team.id), left(team)]).catch(
    (cause: unknown) => {
      throw new Failure('store-unavailable', 'Redis cannot be reached, and the figures are there', {
        cause,
        retryAfterMs: 5_000,
      });
    },
  );
  const { id, weight, requestsPerMinute, permitsPerMinute } = team;
  return {
    team: id,
    weight,
    usage,
    ...(requestsPerMinute !== undefined && {
      requestsPerMinute: { quota: requestsPerMinute, left: requestsLeft ?? requestsPerMinute },
    }),
    ...(permitsPerMinute !== undefined && {
      permitsPerMinute: {
        quota: permitsPerMinute,
        left: Math.max(0, permitsPerMinute - usage.minute.permits),
      },
    }),
  };
};
