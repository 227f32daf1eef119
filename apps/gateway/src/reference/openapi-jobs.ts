import type { FailureKind } from '@glasshouse/coinglass-client';
import { z } from 'zod';
import { jobStates } from '../jobs/job-view.ts';
import { limitDefault, limitMax } from '../jobs/list-query.ts';
import { orderBody } from '../jobs/order.ts';
import type { JsonSchema, Operation, Parameter, PathItem } from './openapi.ts';

type Problem = (kinds: readonly FailureKind[]) => unknown;

const text: JsonSchema = { type: 'string' };
const time: JsonSchema = { type: 'string', format: 'date-time' };
const links: JsonSchema = {
  type: 'object',
  required: ['self', 'events'],
  properties: { self: text, events: text, answer: text },
};
const state: JsonSchema = { enum: jobStates };

export const jobSchema: JsonSchema = {
  type: 'object',
  required: ['id', 'state', 'team', 'createdAt', 'attempts', 'links'],
  properties: {
    id: text,
    state,
    team: { type: ['string', 'null'], description: 'null: put on the queue directly' },
    order: { type: 'object', description: 'What was submitted' },
    createdAt: time,
    startedAt: time,
    endedAt: time,
    attempts: { type: 'integer', description: 'Runs that ended in an answer or a failure' },
    resumesAt: { ...time, description: 'When it may go on; absent while its turn is waited for' },
    because: { enum: ['limit', 'pause', 'state-lost', 'team-quota'] },
    cancelling: { const: true, description: 'It runs and has been told to stop' },
    permits: { type: 'integer', description: 'Requests to the vendor that it cost' },
    result: {
      type: 'object',
      properties: { answerKey: text, endpoint: text, servedInterval: text, source: text },
    },
    failure: {
      type: 'object',
      required: ['kind', 'detail', 'retryable'],
      properties: { kind: text, detail: text, retryable: { type: 'boolean' } },
    },
    links,
  },
};

const id: Parameter = { name: 'id', in: 'path', required: true, schema: text };
const idempotencyKey: Parameter = {
  name: 'idempotency-key',
  in: 'header',
  required: false,
  description: 'The same key and body within 24 h is the same job; another body is a 409',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};
const lastEventId: Parameter = {
  name: 'last-event-id',
  in: 'header',
  required: false,
  description: 'The last event you have: it is not told again',
  schema: text,
};
const listParameters: readonly Parameter[] = [
  { name: 'state', in: 'query', required: false, schema: state },
  {
    name: 'limit',
    in: 'query',
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: limitMax, default: limitDefault },
  },
  {
    name: 'cursor',
    in: 'query',
    required: false,
    description: 'next of the page before',
    schema: text,
  },
  {
    name: 'team',
    in: 'query',
    required: false,
    description: "Another team's jobs, or without it all: with the scope admin",
    schema: text,
  },
];

const orderDescriptions: Readonly<Record<string, string>> = {
  v: 'Version of the order',
  endpoint: "The vendor's path without /api/",
  params: "The vendor's own parameters",
  instrument:
    'Instead of its symbol: exchange, coin, base (USDT); of an endpoint without exchanges the coin alone',
  interval: 'The same as params.interval',
  strict: 'true: an interval that is refused is a failure, not a wider interval',
  deadlineAt: 'Epoch ms after which the answer is of no use; at most 24 h ahead counts',
};

const orderSchema = (): JsonSchema => {
  const schema = z.toJSONSchema(orderBody, { io: 'input' });
  const described = Object.entries(schema.properties ?? {}).map(([name, property]) => [
    name,
    { ...(property as JsonSchema), description: orderDescriptions[name] },
  ]);
  return { ...schema, properties: Object.fromEntries(described) };
};

const json = (schema: JsonSchema) => ({ content: { 'application/json': { schema } } });
const job = (description: string) => ({
  description,
  ...json({ $ref: '#/components/schemas/Job' }),
});

/** What every route behind the door may answer. */
const atTheDoor = (problem: Problem) => ({
  '401': problem(['unauthenticated']),
  '403': problem(['forbidden-scope']),
  '429': problem(['team-quota']),
  '503': problem(['store-unavailable']),
});

/** `/v1/jobs` and what is under it. */
export const jobPaths = (problem: Problem): Readonly<Record<string, PathItem>> => ({
  '/v1/jobs': { post: submitOperation(problem), get: listOperation(problem) },
  '/v1/jobs/{id}': { get: lookOperation(problem), delete: cancelOperation(problem) },
  '/v1/jobs/{id}/events': { get: eventsOperation(problem) },
});

const submitOperation = (problem: Problem): Operation => ({
  operationId: 'jobs:submit',
  summary: 'Submit a fetch job; it runs on spare quota, nobody waits',
  tags: ['jobs'],
  'x-scope': 'jobs:write',
  parameters: [idempotencyKey],
  requestBody: { required: true, ...json(orderSchema()) },
  responses: {
    ...atTheDoor(problem),
    '200': { description: 'The job of this key, which is over' },
    '202': {
      description: 'Accepted; the header location leads to it',
      ...json({ type: 'object', properties: { id: text, state, links } }),
    },
    '400': problem(['invalid-request']),
    '403': problem(['forbidden-scope', 'plan-not-entitled']),
    '404': problem(['unknown-endpoint', 'unknown-instrument']),
    '408': problem(['invalid-request']),
    '409': problem(['idempotency-conflict']),
    '413': problem(['invalid-request']),
    '415': problem(['invalid-request']),
    '422': problem(['ambiguous-instrument', 'interval-not-available']),
    '503': problem(['queue-full', 'endpoint-disabled', 'egress-disabled', 'store-unavailable']),
  },
});

const listOperation = (problem: Problem): Operation => ({
  operationId: 'jobs:list',
  summary: 'Jobs of the team, newest first',
  tags: ['jobs'],
  'x-scope': 'read',
  parameters: listParameters,
  responses: {
    ...atTheDoor(problem),
    '200': {
      description: 'A page; next is there while there may be more',
      ...json({
        type: 'object',
        required: ['jobs'],
        properties: {
          jobs: { type: 'array', items: { $ref: '#/components/schemas/Job' } },
          next: text,
        },
      }),
    },
    '400': problem(['invalid-request']),
  },
});

const lookOperation = (problem: Problem): Operation => ({
  operationId: 'jobs:look',
  summary: 'A job: its state, why it waits, how it ended',
  tags: ['jobs'],
  'x-scope': 'read',
  parameters: [id],
  responses: {
    ...atTheDoor(problem),
    '200': job('The job as it is now'),
    '404': problem(['job-unknown']),
  },
});

const cancelOperation = (problem: Problem): Operation => ({
  operationId: 'jobs:cancel',
  summary: 'Cancel a job; one that is over stays as it ended',
  tags: ['jobs'],
  'x-scope': 'jobs:write',
  parameters: [id],
  responses: {
    ...atTheDoor(problem),
    '200': job('It is over: cancelled now, or as it ended before'),
    '202': job('It runs and has been told to stop'),
    '404': problem(['job-unknown']),
  },
});

const eventsOperation = (problem: Problem): Operation => ({
  operationId: 'jobs:events',
  summary: "A job's way as server-sent events: state, progress, end",
  tags: ['jobs'],
  'x-scope': 'read',
  parameters: [id, lastEventId],
  responses: {
    ...atTheDoor(problem),
    '200': {
      description: 'A stream; the data of each event is the job',
      content: { 'text/event-stream': { schema: text } },
    },
    '204': { description: 'You have the last event already; do not connect again' },
    '404': problem(['job-unknown']),
    '503': problem(['queue-full', 'store-unavailable']),
  },
});
