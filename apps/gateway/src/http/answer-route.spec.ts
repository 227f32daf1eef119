import { afterEach, describe, expect, it } from '@jest/globals';
import { answerKeyOf, type AnswerFacts } from '@glasshouse/fetch-queue';
import Fastify, { type FastifyInstance } from 'fastify';
import { RequestObserver } from '../observe/request-observer.ts';
import { registerAnswerRoute } from './answer-route.ts';

const upstream = { origin: 'https://vendor.example', plan: 'standard' } as const;
const identity = { ...upstream, endpoint: 'etf/bitcoin/list', params: {} };
const commonKey = answerKeyOf(identity);
const trialKey = answerKeyOf({ ...identity, onTrial: 'canary d1' });

describe('GET /v1/answers/:key, of what a canary fetched', () => {
  const servers: FastifyInstance[] = [];
  afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

  const ask = async (key: string, { arm, settled }: { arm?: 'canary'; settled: boolean }) => {
    const fastify = Fastify({ forceCloseConnections: true });
    servers.push(fastify);
    const quiet = () => undefined;
    const facts: AnswerFacts = {
      key,
      endpoint: identity.endpoint,
      params: {},
      source: 'sandbox',
      ...(arm && { arm }),
      fetchedAt: Date.now(),
      freshUntil: Date.now() + 60_000,
      staleUntil: Date.now() + 60_000,
      permits: 1,
    };
    registerAnswerRoute(fastify, {
      access: {
        enter: () => Promise.resolve({ team: { id: 'desk', weight: 1 }, scopes: new Set() }),
      },
      store: { read: () => Promise.resolve({ facts, data: Buffer.from('[]') }) },
      upstream,
      serves: (fetched) => fetched.arm === undefined || settled,
      observer: new RequestObserver({ warn: quiet, error: quiet } as never, { add: quiet }),
    });
    const origin = await fastify.listen({ port: 0, host: '127.0.0.1' });
    const response = await fetch(`${origin}/v1/answers/${key}`);
    const json = (await response.json()) as { readonly meta?: { readonly arm?: string } };
    return [response.status, json.meta?.arm, response.headers.get('x-glasshouse-arm')];
  };

  it('is the asker’s in its place of its own, marked, whatever became of the canary', async () => {
    const marked = [200, 'canary', 'canary'];
    expect(await ask(trialKey, { arm: 'canary', settled: false })).toEqual(marked);
    expect(await ask(trialKey, { arm: 'canary', settled: true })).toEqual(marked);
  });

  it('is nobody’s in the common place once the canary is not settled', async () => {
    expect(await ask(commonKey, { arm: 'canary', settled: true })).toContain(200);
    expect(await ask(commonKey, { arm: 'canary', settled: false })).toContain(404);
    expect(await ask(commonKey, { settled: false })).toEqual([200, undefined, null]);
  });
});
