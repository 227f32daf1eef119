import type { FailureKind } from '@glasshouse/coinglass-client';
import { z } from 'zod';
import { changeBody, limitDefault, limitMax, revertBody } from '../flags/flag-routes.ts';
import type { JsonSchema, Operation, Parameter, PathItem } from './openapi.ts';

type Problem = (kinds: readonly FailureKind[]) => unknown;

const text: JsonSchema = { type: 'string' };
const whole: JsonSchema = { type: 'integer' };
const json = (schema: JsonSchema) => ({ content: { 'application/json': { schema } } });
const object = (properties: Readonly<Record<string, JsonSchema>>): JsonSchema => ({
  type: 'object',
  properties,
});
const list = (items: JsonSchema): JsonSchema => ({ type: 'array', items });

const flagProperties: Readonly<Record<string, JsonSchema>> = {
  key: text,
  type: { enum: ['boolean', 'string', 'number', 'object'] },
  summary: text,
  gives: {
    ...object({ variant: text, value: {}, shares: { type: 'object' }, rule: {} }),
    description: 'variant and value for everybody, or shares in percent, or a rule',
  },
  variants: { type: 'object', description: 'Name to value' },
  owner: text,
  expires: text,
};

const source = object({
  from: { enum: ['redis', 'last-known-good', 'file'] },
  version: whole,
  stale: { type: 'boolean', description: 'This gateway cannot ask Redis for newer flags' },
  staleForMs: whole,
  refused: { type: 'object', description: 'A stored document that cannot be used, and why' },
});

const changes = list(object({ key: text, before: { type: 'object' }, after: { type: 'object' } }));
const row = { version: whole, actor: text, reason: text, change: text };

const atTheDoor = (problem: Problem) => ({
  '400': problem(['invalid-request']),
  '401': problem(['unauthenticated']),
  '403': problem(['forbidden-scope']),
  '409': problem(['change-refused']),
  '429': problem(['team-quota']),
  '503': problem(['store-unavailable']),
});

const keyParameter: Parameter = {
  name: 'key',
  in: 'path',
  required: true,
  description: 'As GET /v1/flags lists it; its slashes may stand as they are',
  schema: text,
};
const asParameter: Parameter = {
  name: 'as',
  in: 'query',
  required: false,
  description: "A call's id: reading tells what that call would get, and why",
  schema: text,
};
const limitParameter: Parameter = {
  name: 'limit',
  in: 'query',
  required: false,
  schema: { ...whole, minimum: 1, maximum: limitMax, default: limitDefault },
};
const ifMatch: Parameter = {
  name: 'if-match',
  in: 'header',
  required: false,
  description: 'The ETag of the version the change was decided on; another one there is a 409',
  schema: text,
};

const look = (
  problem: Problem,
  name: string,
  summary: string,
  parameters: readonly Parameter[],
  schema: JsonSchema,
): Operation => ({
  operationId: `flags:${name}`,
  summary,
  tags: ['flags'],
  'x-scope': 'flags:read',
  parameters,
  responses: { ...atTheDoor(problem), '200': { description: summary, ...json(schema) } },
});

const change = (
  problem: Problem,
  name: string,
  summary: string,
  parameters: readonly Parameter[],
  body: z.ZodType,
): Operation => ({
  operationId: `flags:${name}`,
  summary,
  tags: ['flags'],
  'x-scope': 'flags:write',
  parameters: [...parameters, ifMatch],
  requestBody: { required: true, ...json(z.toJSONSchema(body, { io: 'input' })) },
  responses: {
    ...atTheDoor(problem),
    '200': {
      description: 'Written, or left since it was so already; in force everywhere within 5 s',
      ...json(object({ state: { enum: ['written', 'left'] }, version: whole, changes })),
    },
    '408': problem(['invalid-request']),
    '413': problem(['invalid-request']),
    '415': problem(['invalid-request']),
  },
});

/** `/v1/flags` and what is under it. */
export const flagPaths = (problem: Problem): Readonly<Record<string, PathItem>> => ({
  '/v1/flags': {
    get: look(
      problem,
      'list',
      'Every flag, with what it gives and where this gateway has its flags from',
      [],
      object({ version: whole, source, flags: list(object(flagProperties)) }),
    ),
  },
  '/v1/flags/{key}': {
    get: look(
      problem,
      'get',
      'One flag',
      [keyParameter, asParameter],
      object({ version: whole, ...flagProperties, reading: { type: 'object' } }),
    ),
    put: change(
      problem,
      'set',
      'Set what a flag gives: a variant, a value, or shares of the calls',
      [keyParameter],
      changeBody,
    ),
  },
  '/v1/flags/history': {
    get: look(
      problem,
      'history',
      'The latest versions, with who wrote them and why',
      [limitParameter],
      object({ versions: list(object({ ...row, updatedAt: whole, sha256: text })) }),
    ),
  },
  '/v1/flags/audit': {
    get: look(
      problem,
      'audit',
      'The latest changes, with what each did to each flag',
      [limitParameter],
      object({ changes: list(object({ ...row, at: whole, changes })) }),
    ),
  },
  '/v1/flags/revert': {
    post: change(
      problem,
      'revert',
      'Write the flags of an earlier version as a new one',
      [],
      revertBody,
    ),
  },
});
