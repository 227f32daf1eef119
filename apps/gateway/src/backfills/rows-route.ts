import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { findEndpoint, invalidRequest, isFailure } from '@glasshouse/coinglass-client';
import { isOver, type Backfill, type BackfillStore } from '@glasshouse/fetch-queue';
import type { FastifyInstance } from 'fastify';
import { registerGuardedRoute, type RouteDoor } from '../http/guarded-route.ts';
import { parseQuery } from '../http/query.ts';
import type { BackfillDesk } from './backfill-desk.ts';
import { reach } from './reach.ts';
import {
  columnsOf,
  contentTypes,
  csvHeader,
  csvOfLines,
  rowFormats,
  type RowFormat,
} from './rows.ts';

export interface RowsRouteParts {
  readonly desk: BackfillDesk;
  readonly store: Pick<BackfillStore, 'pages' | 'lines'>;
}

/**
 * The rows that are there, in order, each time once, as a stream: a page at a time is in memory. While the backfill runs they are what is
 * there so far, and the headers say so.
 */
export const registerRowsRoute = (
  fastify: FastifyInstance,
  door: RouteDoor,
  { desk, store }: RowsRouteParts,
): void =>
  registerGuardedRoute(fastify, door, {
    method: 'GET',
    path: '/v1/backfills/:id/data',
    operation: 'backfills',
    scope: 'jobs:bulk',
    handle: async ({ request, response, caller, params, traceId }) => {
      const format = formatOf(request.url ?? '');
      const backfill = await desk.find(params['id'] ?? '', caller);
      const begin = await beginning(store, backfill, format);
      response.writeHead(200, {
        'content-type': contentTypes[format],
        'content-disposition': `attachment; filename="${fileNameOf(backfill)}.${format}"`,
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-trace-id': traceId,
        'x-backfill-state': backfill.state,
        'x-backfill-complete': String(isOver(backfill.state)),
        'x-backfill-pages': `${begin.pages.length}/${backfill.order.plan.pages}`,
        'x-backfill-rows': String(begin.rows),
      });
      if (request.method === 'HEAD') response.end();
      else await send(response, store, backfill.order.id, begin);
      return { status: 200, ...(begin.source !== undefined && { source: begin.source }) };
    },
  });

interface Beginning {
  readonly pages: readonly number[];
  readonly rows: number;
  readonly source: string | undefined;
  readonly header: string;
  readonly write: (lines: string) => string;
}

const beginning = async (
  store: RowsRouteParts['store'],
  { order }: Backfill,
  format: RowFormat,
): Promise<Beginning> => {
  const endpoint = findEndpoint(order.endpoint);
  if (isFailure(endpoint)) throw endpoint;
  const known = await reach(store.pages(order.id));
  const stored = [...known].flatMap(([page, facts]) =>
    facts.state === 'done' ? [{ page, facts }] : [],
  );
  const newFields = new Set(stored.flatMap(({ facts }) => facts.newFields));
  const columns = columnsOf(endpoint, [...newFields]);
  return {
    pages: stored.map(({ page }) => page),
    rows: stored.reduce((sum, { facts }) => sum + facts.rows, 0),
    source: stored[0]?.facts.source,
    header: format === 'csv' ? csvHeader(columns) : '',
    write: format === 'csv' ? (lines) => csvOfLines(lines, columns) : (lines) => lines,
  };
};

/** An answer that has begun cannot become a problem: it breaks off, and its reader sees that it is not whole. */
const send = async (
  response: ServerResponse,
  store: RowsRouteParts['store'],
  id: string,
  { pages, header, write }: Beginning,
): Promise<void> => {
  try {
    response.write(header);
    for (const page of pages) {
      const lines = await store.lines(id, page);
      if (lines === undefined) throw new Error(`page ${page} of ${id} is gone`);
      if (!response.write(write(lines))) await drained(response);
      if (response.destroyed) return;
    }
    response.end();
  } catch {
    response.destroy();
  }
};

const drained = async (response: ServerResponse): Promise<void> => {
  if (response.destroyed) return;
  const gone = new AbortController();
  const onClose = (): void => gone.abort();
  response.once('close', onClose);
  await once(response, 'drain', { signal: gone.signal }).catch(() => undefined);
  response.off('close', onClose);
};

const formatOf = (url: string): RowFormat => {
  const query = parseQuery(url);
  const errors = [...query.keys()]
    .filter((name) => name !== 'format')
    .map((field) => ({ field, message: 'is not a parameter of this route', allowed: ['format'] }));
  const format = query.get('format') ?? 'csv';
  const known = rowFormats.find((each) => each === format);
  if (!known)
    errors.push({ field: 'format', message: 'must be csv or ndjson', allowed: [...rowFormats] });
  if (errors.length > 0 || !known) throw invalidRequest(errors);
  return known;
};

const fileNameOf = ({ order: { asked, plan } }: Backfill): string =>
  [asked['what'], asked['exchange'], asked['coin'], plan.interval]
    .filter((part) => part !== undefined)
    .join('-')
    .replaceAll(/[^\w.-]/g, '_');
