import { Failure, invalidRequest } from '@glasshouse/coinglass-client';
import {
  CanaryRefusal,
  canaryPlan,
  defaultPlan,
  reportMarkdown,
  viewOf,
  type CanaryDesk,
  type CanaryReport,
  type CanaryRun,
} from '@glasshouse/canary';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { callerName } from '../access/caller-name.ts';
import { reach } from '../backfills/reach.ts';
import { registerGuardedRoute, type RouteDoor } from '../http/guarded-route.ts';
import { registerJsonRoute } from '../http/json-route.ts';
import { parseQuery } from '../http/query.ts';

export interface CanaryRoutesParts extends RouteDoor {
  readonly desk: CanaryDesk;
}

const path = '/v1/canary';
const reading = { method: 'GET', operation: 'canary', scope: 'flags:read' } as const;
const ordering = { method: 'POST', operation: 'canary', scope: 'flags:write' } as const;

const reason = z
  .string()
  .trim()
  .min(1, 'says why, for whoever reads the report')
  .max(500, 'has at most 500 characters');

/** The body of every order but `start`. */
export const orderBody = z.strictObject({ reason });
/** A run begins with the plan that is sent, or the house's own for the mode. */
export const startBody = z.strictObject({
  reason,
  mode: z.enum(['two-arm', 'single-arm']).optional(),
  plan: canaryPlan.optional(),
});

export const orders = ['pause', 'resume', 'promote', 'rollback', 'clear'] as const;
export const ticksDefault = 100;
export const ticksMax = 1_000;

/** The run of the canary over HTTP: look, read its report, give orders. Whoever orders stands in the record as team and key. */
export const registerCanaryRoutes = (
  fastify: FastifyInstance,
  { desk, ...door }: CanaryRoutesParts,
): void => {
  registerJsonRoute(fastify, door, {
    ...reading,
    path,
    answer: async () => {
      const [look, runs] = await reach(Promise.all([desk.look(), desk.ids()]));
      return { status: 200, body: { run: viewOf(look) ?? null, runs } };
    },
  });
  registerJsonRoute(fastify, door, {
    ...reading,
    path: `${path}/ticks`,
    query: ['limit'],
    answer: async ({ query }) => {
      const ticks = await reach(desk.ticks(limitOf(query.get('limit'))));
      return { status: 200, body: { ticks } };
    },
  });
  registerJsonRoute(fastify, door, {
    ...ordering,
    path: `${path}/start`,
    body: startBody,
    answer: async ({ body: { plan, mode, reason: why }, caller }) => {
      if (plan !== undefined && mode !== undefined && plan.mode !== mode)
        throw invalidRequest([{ field: 'mode', message: `is not the plan's, ${plan.mode}` }]);
      const chosen = plan ?? defaultPlan(mode ?? 'two-arm');
      return taken(await ordered(desk.start(chosen, { by: callerName(caller), reason: why })));
    },
  });
  for (const order of orders) {
    registerJsonRoute(fastify, door, {
      ...ordering,
      path: `${path}/${order}`,
      body: orderBody,
      answer: async ({ body: { reason: why }, caller }) =>
        taken(await ordered(desk.order(order, { by: callerName(caller), reason: why }))),
    });
  }
  registerReportRoute(fastify, door, desk);
};

const limitOf = (text = String(ticksDefault)): number => {
  if (/^[1-9]\d{0,3}$/.test(text) && Number(text) <= ticksMax) return Number(text);
  throw invalidRequest([
    { field: 'limit', message: `must be a whole number from 1 to ${ticksMax}` },
  ]);
};

/** 202 while a controller has still to write it into the flags. */
const taken = (run: CanaryRun) => ({
  status: run.pending === undefined ? 200 : 202,
  body: { id: run.id, status: run.status, share: run.share, warnings: run.warnings },
});

/** What makes no sense now is a 409 that says what to do first. */
const ordered = async (order: Promise<CanaryRun>): Promise<CanaryRun> => {
  try {
    return await order;
  } catch (thrown) {
    if (thrown instanceof CanaryRefusal) throw new Failure('change-refused', thrown.message);
    return reach(Promise.reject(thrown as Error));
  }
};

const registerReportRoute = (fastify: FastifyInstance, door: RouteDoor, desk: CanaryDesk): void =>
  registerGuardedRoute(fastify, door, {
    ...reading,
    path: `${path}/report`,
    handle: async ({ request, response, traceId }) => {
      const { run, ...stray } = Object.fromEntries(parseQuery(request.url ?? ''));
      const [unknown] = Object.keys(stray);
      if (unknown !== undefined)
        throw invalidRequest([
          { field: unknown, message: 'is not a parameter of this route', allowed: ['run'] },
        ]);
      const report = await reach(desk.report(run));
      if (report === undefined)
        throw new Failure(
          'job-unknown',
          'There is no such run of the canary; GET /v1/canary lists them',
        );
      const { type, text } = rendered(report, request.headers.accept);
      response.writeHead(200, {
        'content-type': `${type}; charset=utf-8`,
        'content-length': Buffer.byteLength(text),
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-trace-id': traceId,
        vary: 'accept',
      });
      response.end(request.method === 'HEAD' ? undefined : text);
      return { status: 200 };
    },
  });

/** Markdown for whoever asks for it by name, JSON for everybody else. */
const rendered = (report: CanaryReport, accept = ''): { type: string; text: string } =>
  /(^|[\s,])text\/markdown\b/i.test(accept)
    ? { type: 'text/markdown', text: reportMarkdown(report) }
    : { type: 'application/json', text: JSON.stringify(report) };
