import type { FailureKind } from '@glasshouse/coinglass-client';
import { backfillStates } from '@glasshouse/fetch-queue';
import { z } from 'zod';
import { backfillBody } from '../backfills/backfill-ask.ts';
import { rowFormats } from '../backfills/rows.ts';
import type { JsonSchema, Operation, Parameter, PathItem } from './openapi.ts';

type Problem = (kinds: readonly FailureKind[]) => unknown;

const text: JsonSchema = { type: 'string' };
const whole: JsonSchema = { type: 'integer' };
const moment: JsonSchema = { type: 'integer', description: 'Epoch milliseconds' };
const json = (schema: JsonSchema) => ({ content: { 'application/json': { schema } } });

const clipped: JsonSchema = {
  type: 'object',
  description: 'What the plan does not see of the asked range',
  properties: { askedFrom: moment, candles: whole, plan: text, depthDays: whole },
};
const range = { interval: text, from: moment, to: moment, candles: whole, clipped };
const series = { asked: { type: 'object' }, endpoint: text, params: { type: 'object' } };

const quoteSchema: JsonSchema = {
  type: 'object',
  required: ['requests', 'candles', 'finishAt'],
  properties: {
    ...series,
    ...range,
    openUntil: { ...moment, description: 'When the last candle closes; absent when it has' },
    requests: { ...whole, description: 'Exact, but for retries' },
    ahead: { ...whole, description: 'Requests of others that go before its last one' },
    requestsPerMinute: whole,
    durationMs: whole,
    finishAt: moment,
  },
};

export const backfillSchema: JsonSchema = {
  type: 'object',
  required: ['id', 'state', 'pages', 'rows', 'permits', 'links'],
  properties: {
    id: text,
    state: { enum: backfillStates },
    ...series,
    ...range,
    pages: { type: 'object', properties: { total: whole, done: whole, lost: whole } },
    rows: whole,
    permits: { ...whole, description: 'Requests to the vendor that it has cost' },
    bytes: whole,
    createdAt: moment,
    startedAt: moment,
    lastPageAt: moment,
    endedAt: moment,
    etaAt: moment,
    waiting: { type: 'object', properties: { because: text, until: moment } },
    failure: { type: 'object', properties: { kind: text, detail: text } },
    links: { type: 'object' },
    quote: quoteSchema,
  },
};

const gapsSchema: JsonSchema = {
  type: 'object',
  required: ['gaps', 'complete'],
  properties: {
    complete: { type: 'boolean', description: 'The backfill is over' },
    candles: { ...whole, description: 'Missing ones, all together' },
    gaps: {
      type: 'array',
      items: {
        type: 'object',
        properties: { from: moment, to: moment, candles: whole, reason: text, detail: text },
      },
    },
    openFrom: moment,
    repeated: whole,
    conflicting: whole,
    strayed: whole,
    newFields: { type: 'array', items: text },
  },
};

const id: Parameter = { name: 'id', in: 'path', required: true, schema: text };
const dryRun: Parameter = {
  name: 'dryRun',
  in: 'query',
  required: false,
  description: 'The quote alone; nothing is begun',
  schema: { type: 'boolean', default: false },
};
const idempotencyKey: Parameter = {
  name: 'idempotency-key',
  in: 'header',
  required: false,
  description: 'The same key and body is the same backfill while it is kept; another body is a 409',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};
const format: Parameter = {
  name: 'format',
  in: 'query',
  required: false,
  schema: { enum: rowFormats, default: 'csv' },
};

const backfill = (description: string) => ({
  description,
  ...json({ $ref: '#/components/schemas/Backfill' }),
});

const operation = (
  problem: Problem,
  name: string,
  summary: string,
  more: Pick<Operation, 'responses'> & Partial<Operation>,
): Operation => ({
  operationId: `backfills:${name}`,
  summary,
  tags: ['backfills'],
  'x-scope': 'jobs:bulk',
  parameters: [id],
  ...more,
  responses: {
    '401': problem(['unauthenticated']),
    '403': problem(['forbidden-scope']),
    '404': problem(['job-unknown']),
    '429': problem(['team-quota']),
    '503': problem(['store-unavailable']),
    ...more.responses,
  },
});

/** `/v1/backfills` and what is under it. */
export const backfillPaths = (problem: Problem): Readonly<Record<string, PathItem>> => ({
  '/v1/backfills': {
    post: operation(problem, 'order', 'Quote and order a long history, fetched on spare quota', {
      parameters: [dryRun, idempotencyKey],
      requestBody: { required: true, ...json(z.toJSONSchema(backfillBody, { io: 'input' })) },
      responses: {
        '200': {
          description: 'The quote alone, or the backfill of this key',
          ...json({ type: 'object', properties: { quote: quoteSchema } }),
        },
        '202': backfill('Accepted; the header location leads to it'),
        '400': problem(['invalid-request']),
        '403': problem(['forbidden-scope', 'plan-not-entitled']),
        '404': problem(['unknown-instrument']),
        '409': problem(['idempotency-conflict']),
        '422': problem(['ambiguous-instrument', 'interval-not-available']),
        '503': problem(['endpoint-disabled', 'egress-disabled', 'store-unavailable']),
      },
    }),
    get: operation(problem, 'list', 'Backfills of the team, newest first, at most 50', {
      parameters: [],
      responses: {
        '200': {
          description: 'A list',
          ...json({
            type: 'object',
            properties: {
              backfills: { type: 'array', items: { $ref: '#/components/schemas/Backfill' } },
            },
          }),
        },
      },
    }),
  },
  '/v1/backfills/{id}': {
    get: operation(problem, 'look', 'How far it is, and when it will be done', {
      responses: { '200': backfill('As it is now') },
    }),
    delete: operation(problem, 'cancel', 'End it; what is stored stays readable', {
      responses: { '200': backfill('Cancelled now, or as it ended before') },
    }),
  },
  '/v1/backfills/{id}/resume': {
    post: operation(problem, 'resume', 'Fetch what is not stored, of one that is over', {
      responses: { '202': backfill('Under way again, or complete as it was') },
    }),
  },
  '/v1/backfills/{id}/events': {
    get: operation(problem, 'events', 'Its progress as server-sent events: progress, end', {
      responses: {
        '200': {
          description: 'A stream; the data of each event is the backfill',
          content: { 'text/event-stream': { schema: text } },
        },
        '204': { description: 'You have the last event already; do not connect again' },
      },
    }),
  },
  '/v1/backfills/{id}/data': {
    get: operation(problem, 'data', 'The rows that are there, sorted, each time once', {
      parameters: [id, format],
      responses: {
        '200': {
          description: 'x-backfill-complete says whether it is all',
          content: {
            'text/csv': { schema: text },
            'application/x-ndjson': { schema: text },
          },
        },
        '400': problem(['invalid-request']),
      },
    }),
  },
  '/v1/backfills/{id}/gaps': {
    get: operation(problem, 'gaps', 'Candles that are not there, with the reason', {
      responses: { '200': { description: 'The report', ...json(gapsSchema) } },
    }),
  },
});
