import { afterEach, describe, expect, it } from '@jest/globals';
import type { Scope, Team, Usage } from '@glasshouse/teams';
import Fastify, { type FastifyInstance } from 'fastify';
import { RequestObserver } from '../observe/request-observer.ts';
import { registerUsageRoute } from './usage-route.ts';

const counts = (n: number) => ({ requests: n, hits: 0, misses: n, failures: 0, permits: n });
const usageOf = (n: number): Usage => ({ minute: counts(n), hour: counts(n), day: counts(n) });

const desk: Team = { id: 'desk', weight: 2, requestsPerMinute: 600, permitsPerMinute: 5 };
const fund: Team = { id: 'fund', weight: 1 };

describe('GET /v1/usage', () => {
  const servers: FastifyInstance[] = [];
  afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

  const ask = async (
    query: string,
    scopes: readonly Scope[] = ['read'],
    read: (team: string) => Promise<Usage> = () => Promise.resolve(usageOf(7)),
  ) => {
    const fastify = Fastify({ forceCloseConnections: true });
    servers.push(fastify);
    const quiet = () => undefined;
    registerUsageRoute(fastify, {
      access: { enter: () => Promise.resolve({ team: desk, scopes: new Set(scopes) }) },
      observer: new RequestObserver({ warn: quiet, error: quiet } as never, { add: quiet }),
      teams: () => [desk, fund],
      read,
      left: ({ requestsPerMinute }) => Promise.resolve(requestsPerMinute && 593),
    });
    const origin = await fastify.listen({ port: 0, host: '127.0.0.1' });
    const response = await fetch(`${origin}/v1/usage${query}`);
    const json = (await response.json()) as {
      teams: { team: string }[];
      kind?: string;
      errors?: { field: string; allowed: string[] }[];
    };
    return { status: response.status, headers: response.headers, json };
  };

  it('tells a team its own figures, its quotas and what is left of them', async () => {
    const { status, headers, json } = await ask('');
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(json.teams).toEqual([
      {
        team: 'desk',
        weight: 2,
        usage: usageOf(7),
        requestsPerMinute: { quota: 600, left: 593 },
        permitsPerMinute: { quota: 5, left: 0 },
      },
    ]);
  });

  it("does not tell a team another's", async () => {
    expect(await ask('?team=fund')).toMatchObject({
      status: 403,
      json: { kind: 'forbidden-scope' },
    });
    expect((await ask('?team=nobody')).status).toBe(403);
  });

  it('tells an admin those of all, the house among them, or of the one it names', async () => {
    const all = (await ask('', ['admin'])).json.teams.map(({ team }) => team);
    expect(all).toEqual(['desk', 'fund', 'open', 'house']);
    expect((await ask('?team=fund', ['admin'])).json.teams).toMatchObject([{ team: 'fund' }]);
    const { status, json } = await ask('?team=nobody', ['admin']);
    expect(status).toBe(400);
    expect(json.errors?.[0]).toMatchObject({ field: 'team', allowed: all });
  });

  it('names a parameter that it does not know', async () => {
    const { status, json } = await ask('?since=1');
    expect([status, json.errors?.[0]?.field]).toEqual([400, 'since']);
  });

  it('is store-unavailable while Redis is away', async () => {
    const { status, json } = await ask('', ['read'], () => Promise.reject(new Error('closed')));
    expect([status, json.kind]).toEqual([503, 'store-unavailable']);
  });
});
