import {
  endpoints,
  failures,
  intervals,
  nativeNameOf,
  neededPlan,
  parameterNames,
  plans,
  type Endpoint,
  type FailureKind,
} from '@glasshouse/coinglass-client';
import { z } from 'zod';
import type { Scope } from '@glasshouse/teams';
import { keySchemes, usageOperation } from './openapi-teams.ts';
import { houseDefaults, houseParamNames } from '../asks/house-ask.ts';
import { canaryPaths } from './openapi-canary.ts';
import { backfillPaths, backfillSchema } from './openapi-backfills.ts';
import { flagPaths } from './openapi-flags.ts';
import { jobPaths, jobSchema } from './openapi-jobs.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

export interface Parameter {
  readonly name: string;
  /** `body` on the page only. */
  readonly in: 'query' | 'path' | 'header' | 'body';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: Readonly<Record<string, unknown>>;
  readonly responses: Readonly<Record<string, unknown>>;
  /** The scope a key needs, where keys are asked for. */
  readonly 'x-scope'?: Scope;
}

/** What a path is served for. */
export interface PathItem {
  readonly get?: Operation;
  readonly post?: Operation;
  readonly put?: Operation;
  readonly delete?: Operation;
}

export interface OpenApi {
  readonly openapi: '3.1.0';
  readonly info: Readonly<Record<string, string>>;
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly securitySchemes: Readonly<Record<string, JsonSchema>>;
  };
}

/** The gateway's interface as OpenAPI 3.1, derived from the catalogue: what is served is what is described. */
export const describeApi = (version: string): OpenApi => ({
  openapi: '3.1.0',
  info: {
    title: 'Glasshouse',
    version,
    description:
      'CoinGlass v4 market data through one key and one limit. The house face (/advanced) resolves coins to instruments, ' +
      'widens an interval that is refused and says so. The drop-in face (/api) takes and gives what CoinGlass does.',
  },
  // Either will do; none where the gateway is open.
  security: [{ bearer: [] }, { cgApiKey: [] }, {}],
  paths: {
    ...Object.fromEntries(
      endpoints.flatMap((endpoint) => [
        [endpoint.route.replace(':coin', '{coin}'), { get: houseOperation(endpoint) }],
        [`/api/${endpoint.id}`, { get: dropInOperation(endpoint) }],
      ]),
    ),
    ...jobPaths(problemResponse),
    ...backfillPaths(problemResponse),
    ...canaryPaths(problemResponse),
    ...flagPaths(problemResponse),
    '/v1/usage': { get: usageOperation(problemResponse) },
  },
  components: {
    schemas: { Backfill: backfillSchema, Job: jobSchema, Meta: metaSchema, Problem: problemSchema },
    securitySchemes: keySchemes,
  },
});

const houseOperation = (endpoint: Endpoint): Operation => {
  const native = nativeSchemas(endpoint);
  const takesCoin = endpoint.route.includes(':coin');
  return {
    operationId: `house:${endpoint.id}`,
    summary: summaryOf(endpoint),
    tags: ['house'],
    'x-scope': 'read',
    parameters: [
      ...(takesCoin ? [coinParameter] : []),
      ...houseParamNames(endpoint).map((name) =>
        queryParameter(
          name,
          false,
          ownSchemas[name] ?? native[nativeNameOf(name)] ?? text,
          // An exchange is only assumed where one is needed; a list without one is the whole list.
          name === 'exchange' && endpoint.symbol !== 'pair' ? undefined : houseDefaults[name],
        ),
      ),
      deadlineHeader,
    ],
    responses: responsesOf(endpoint),
  };
};

const dropInOperation = (endpoint: Endpoint): Operation => {
  const native = nativeSchemas(endpoint);
  const required = new Set(requiredNames(endpoint));
  return {
    operationId: `drop-in:${endpoint.id}`,
    summary: summaryOf(endpoint),
    tags: ['drop-in'],
    'x-scope': 'read',
    parameters: [
      ...parameterNames(endpoint).map((name) =>
        queryParameter(name, required.has(name), native[name] ?? text),
      ),
      fallbackHeader,
      deadlineHeader,
    ],
    responses: responsesOf(endpoint),
  };
};

const summaryOf = (endpoint: Endpoint): string => {
  const needed = neededPlan(endpoint);
  return needed === undefined || needed === plans[0]
    ? endpoint.summary
    : `${endpoint.summary} (from the ${needed} plan on)`;
};

const text: JsonSchema = { type: 'string' };

/** What the house face takes beyond the vendor's parameters. */
const ownSchemas: Readonly<Record<string, JsonSchema>> = {
  base: { type: 'string', description: 'What the coin is quoted in' },
  strict: {
    type: 'string',
    enum: ['true', 'false'],
    default: 'false',
    description: 'true: a changed interval or a range cut by the plan is a failure',
  },
};

const coinParameter: Parameter = {
  name: 'coin',
  in: 'path',
  required: true,
  description: "A coin such as SOL, or an exchange's own instrument id",
  schema: text,
};

const deadlineHeader: Parameter = {
  name: 'x-deadline-ms',
  in: 'header',
  required: false,
  description: 'How long to wait for an answer; the fetch goes on after it',
  schema: { type: 'integer', minimum: 1, maximum: 60_000, default: 15_000 },
};

const fallbackHeader: Parameter = {
  name: 'x-allow-fallback',
  in: 'header',
  required: false,
  description: 'true: an interval that is refused may be widened, and meta.fallback says so',
  schema: { type: 'string', enum: ['true'] },
};

const queryParameter = (
  name: string,
  required: boolean,
  schema: JsonSchema,
  houseDefault?: string,
): Parameter => {
  const { description, ...rest } = schema;
  return {
    name,
    in: 'query',
    required: required && houseDefault === undefined,
    ...(typeof description === 'string' && { description }),
    schema: houseDefault === undefined ? rest : { ...rest, default: houseDefault },
  };
};

const paramsSchema = (endpoint: Endpoint): JsonSchema =>
  z.toJSONSchema(endpoint.params, { io: 'input' });

const nativeSchemas = (endpoint: Endpoint): Readonly<Record<string, JsonSchema>> =>
  (paramsSchema(endpoint)['properties'] ?? {}) as Record<string, JsonSchema>;

const requiredNames = (endpoint: Endpoint): readonly string[] =>
  (paramsSchema(endpoint)['required'] ?? []) as string[];

const problemResponse = (kinds: readonly FailureKind[]) => ({
  description: kinds.join(', '),
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

/** Kinds that a reader of the gateway can meet; the others belong to jobs and to later doors. */
const readerKinds: readonly FailureKind[] = [
  'invalid-request',
  'unauthenticated',
  'forbidden-scope',
  'team-quota',
  'unknown-endpoint',
  'unknown-instrument',
  'ambiguous-instrument',
  'interval-not-available',
  'plan-not-entitled',
  'endpoint-disabled',
  'egress-disabled',
  'queue-full',
  'store-unavailable',
  'upstream-credentials',
  'upstream-throttled',
  'upstream-unavailable',
  'upstream-rejected',
  'upstream-malformed',
  'deadline-passed',
  'internal',
];

/** What else who submits jobs can meet. */
const jobKinds: readonly FailureKind[] = [
  'unauthenticated',
  'forbidden-scope',
  'team-quota',
  'job-unknown',
  'idempotency-conflict',
  'change-refused',
];

const responsesOf = ({ sample }: Endpoint): Readonly<Record<string, unknown>> => {
  const byStatus = Map.groupBy(readerKinds, (kind) => String(failures[kind].status));
  return {
    '200': {
      description: "The vendor's own envelope and one member more, meta",
      content: {
        'application/json': {
          schema: {
            type: 'object',
            required: ['code', 'msg', 'data', 'meta'],
            properties: {
              code: { const: '0' },
              msg: { const: 'success' },
              data: { examples: [sample.data] },
              meta: { $ref: '#/components/schemas/Meta' },
            },
          },
        },
      },
    },
    '304': { description: 'The caller has this representation (if-none-match)' },
    ...Object.fromEntries([...byStatus].map(([status, kinds]) => [status, problemResponse(kinds)])),
  };
};

const epochMs = { type: 'integer', description: 'Epoch milliseconds' };

const metaSchema: JsonSchema = {
  type: 'object',
  required: ['source', 'endpoint', 'asked', 'served', 'fetchedAt', 'stale', 'permits'],
  properties: {
    source: { enum: ['coinglass', 'custom', 'sandbox'] },
    arm: { const: 'canary', description: 'There when the client on trial fetched it' },
    endpoint: text,
    asked: { type: 'object' },
    served: { type: 'object' },
    fallback: {
      type: 'object',
      properties: {
        from: { enum: intervals },
        to: { enum: intervals },
        reason: { enum: ['plan', 'interval-refused'] },
      },
    },
    fetchedAt: { type: 'string', format: 'date-time' },
    stale: { type: 'boolean' },
    staleReason: text,
    openFrom: { ...epochMs, description: 'Rows from here on were not final at fetchedAt' },
    coverage: {
      type: 'object',
      properties: { from: epochMs, to: epochMs, clipped: { type: 'boolean' } },
    },
    empty: { const: true },
    units: { type: 'object', additionalProperties: text },
    permits: { type: 'integer', description: 'Requests to the vendor that this answer cost' },
  },
};

const problemSchema: JsonSchema = {
  type: 'object',
  description: 'RFC 9457, with code and msg beside so that a CoinGlass client sees a failure',
  required: ['type', 'title', 'status', 'detail', 'kind', 'retryable', 'traceId', 'code', 'msg'],
  properties: {
    type: text,
    title: text,
    status: { type: 'integer' },
    detail: text,
    instance: text,
    kind: { enum: [...readerKinds, ...jobKinds] },
    retryable: { type: 'boolean' },
    retryAfterMs: { type: 'integer' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['field', 'message'],
        properties: {
          field: text,
          message: text,
          allowed: { type: 'array', items: text },
          suggestions: { type: 'array', items: text },
        },
      },
    },
    upstream: { type: 'object', properties: { status: { type: 'integer' }, code: text } },
    traceId: text,
    code: text,
    msg: text,
  },
};
