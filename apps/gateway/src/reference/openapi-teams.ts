import type { FailureKind } from '@glasshouse/coinglass-client';
import { metrics, spanNames } from '@glasshouse/teams';
import type { Operation } from './openapi.ts';

/** How a team key is sent. */
export const keySchemes = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'A team key, gh_…; not needed while the gateway is open',
  },
  cgApiKey: {
    type: 'apiKey',
    in: 'header',
    name: 'CG-API-KEY',
    description: "The same, where clients of CoinGlass put the vendor's key",
  },
} as const;

const integer = { type: 'integer', minimum: 0 } as const;
const object = (properties: Readonly<Record<string, unknown>>) => ({
  type: 'object',
  required: Object.keys(properties),
  properties,
});
const of = (names: readonly string[], schema: unknown) =>
  object(Object.fromEntries(names.map((name) => [name, schema])));

const quota = {
  ...object({ quota: integer, left: integer }),
  description: 'Absent without a quota',
};

const teamUsage = {
  type: 'object',
  required: ['team', 'weight', 'usage'],
  properties: {
    team: { type: 'string' },
    weight: { type: 'integer', minimum: 1, maximum: 100 },
    usage: of(spanNames, of(metrics, integer)),
    requestsPerMinute: quota,
    permitsPerMinute: quota,
  },
};

/** `GET /v1/usage`. */
export const usageOperation = (problem: (kinds: readonly FailureKind[]) => unknown): Operation => ({
  operationId: 'usage',
  summary:
    'Requests and permits of a team in the last minute, hour and day, and what is left of its quotas',
  tags: ['teams'],
  'x-scope': 'read',
  parameters: [
    {
      name: 'team',
      in: 'query',
      required: false,
      description: "Another team than the key's, or without it all teams: with the scope admin",
      schema: { type: 'string' },
    },
  ],
  responses: {
    '200': {
      description: 'The figures of one team, or of all',
      content: {
        'application/json': { schema: object({ teams: { type: 'array', items: teamUsage } }) },
      },
    },
    '400': problem(['invalid-request']),
    '401': problem(['unauthenticated']),
    '403': problem(['forbidden-scope']),
    '429': problem(['team-quota']),
    '503': problem(['store-unavailable']),
  },
});
