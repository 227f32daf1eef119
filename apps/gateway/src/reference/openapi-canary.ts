import { runStatuses } from '@glasshouse/canary';
import type { FailureKind } from '@glasshouse/coinglass-client';
import { z } from 'zod';
import { orderBody, orders, startBody, ticksDefault, ticksMax } from '../canary/canary-routes.ts';
import type { JsonSchema, Operation, PathItem } from './openapi.ts';

type Problem = (kinds: readonly FailureKind[]) => unknown;

const text: JsonSchema = { type: 'string' };
const whole: JsonSchema = { type: 'integer' };
const json = (schema: JsonSchema) => ({ content: { 'application/json': { schema } } });
const object = (properties: Readonly<Record<string, JsonSchema>>): JsonSchema => ({
  type: 'object',
  properties,
});
const list = (items: JsonSchema): JsonSchema => ({ type: 'array', items });

/** What every route of the canary may answer. */
const atTheDoor = (problem: Problem) => ({
  '400': problem(['invalid-request']),
  '401': problem(['unauthenticated']),
  '403': problem(['forbidden-scope']),
  '429': problem(['team-quota']),
  '503': problem(['store-unavailable']),
});

const runSchema = object({
  id: text,
  status: { enum: runStatuses },
  because: { ...text, description: 'Reason code of the status' },
  words: { ...text, description: 'The status in a sentence, and what is to be done' },
  watched: { type: 'boolean', description: 'false: no health leads, so nothing is judged' },
  stage: { ...whole, description: "Index into the plan's stages" },
  share: { ...whole, description: 'Of 100, of calls or of the limit' },
  plan: { type: 'object' },
  evidence: { type: 'object', description: 'The figures behind the last decision' },
  decision: { type: 'object' },
  acted: { type: 'boolean', description: 'false: the last decision is advice' },
  events: list({ type: 'object' }),
  flagVersion: whole,
});

const look = (problem: Problem): Operation => ({
  operationId: 'canary:look',
  summary: 'The run of the canary that is under way, or was the last',
  tags: ['canary'],
  'x-scope': 'flags:read',
  parameters: [],
  responses: {
    ...atTheDoor(problem),
    '200': {
      description: 'run is null when there has been none; runs: whose reports can be read',
      ...json(object({ run: { anyOf: [runSchema, { type: 'null' }] }, runs: list(text) })),
    },
  },
});

const ticks = (problem: Problem): Operation => ({
  operationId: 'canary:ticks',
  summary: 'What was judged, ordered and written in the run, with its inputs; the newest last',
  tags: ['canary'],
  'x-scope': 'flags:read',
  parameters: [
    {
      name: 'limit',
      in: 'query',
      required: false,
      schema: { ...whole, minimum: 1, maximum: ticksMax, default: ticksDefault },
    },
  ],
  responses: {
    ...atTheDoor(problem),
    '200': { description: 'The last ones', ...json(object({ ticks: list({ type: 'object' }) })) },
  },
});

const report = (problem: Problem): Operation => ({
  operationId: 'canary:report',
  summary: 'All of a run: what differed, what happened, the figures, who ordered what',
  tags: ['canary'],
  'x-scope': 'flags:read',
  parameters: [
    {
      name: 'run',
      in: 'query',
      required: false,
      description: 'An id of runs; the last run unless told',
      schema: text,
    },
  ],
  responses: {
    ...atTheDoor(problem),
    '200': {
      description: 'JSON, or Markdown for who accepts text/markdown',
      content: {
        'application/json': { schema: { type: 'object' } },
        'text/markdown': { schema: text },
      },
    },
    '404': problem(['job-unknown']),
  },
});

const order = (problem: Problem, name: string, summary: string, body: z.ZodType): Operation => ({
  operationId: `canary:${name}`,
  summary,
  tags: ['canary'],
  'x-scope': 'flags:write',
  parameters: [],
  requestBody: { required: true, ...json(z.toJSONSchema(body, { io: 'input' })) },
  responses: {
    ...atTheDoor(problem),
    '200': { description: 'Done' },
    '202': { description: 'Taken; a running health writes it into the flags within a second' },
    '408': problem(['invalid-request']),
    '409': problem(['change-refused']),
    '413': problem(['invalid-request']),
    '415': problem(['invalid-request']),
  },
});

const summaries: Readonly<Record<(typeof orders)[number], string>> = {
  pause: 'Stay at this share; it goes on being judged, and rolls back if it must',
  resume: 'Go on after pause, or after an inconclusive run has asked',
  promote: 'Give the canary everything now, and watch it',
  rollback: 'Go back now, and freeze',
  clear: 'Lift the freeze after a rollback',
};

/** `/v1/canary` and what is under it. */
export const canaryPaths = (problem: Problem): Readonly<Record<string, PathItem>> => ({
  '/v1/canary': { get: look(problem) },
  '/v1/canary/ticks': { get: ticks(problem) },
  '/v1/canary/report': { get: report(problem) },
  '/v1/canary/start': { post: order(problem, 'start', 'Begin a run', startBody) },
  ...Object.fromEntries(
    orders.map((name) => [
      `/v1/canary/${name}`,
      { post: order(problem, name, summaries[name], orderBody) },
    ]),
  ),
});
