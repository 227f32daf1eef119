import { z } from 'zod';

/** The shape of a rule: which requests it is for, how often, and how the sandbox then misbehaves. */

const path = z
  .string()
  .min(1)
  .max(200)
  .transform((text) => (text.startsWith('/') ? text : `/api/${text}`))
  .describe('exact path or endpoint id; a trailing * makes it a prefix; absent = every path');

const matching = {
  path: path.optional(),
  params: z.record(z.string(), z.string()).optional(),
  times: z.int().min(1).optional(),
};

const milliseconds = z.int().min(0).max(600_000);
const field = z.string().min(1).max(100).optional();
const bytes = z
  .int()
  .min(1)
  .max(512 * 2 ** 20);

const plain = z.strictObject({
  ...matching,
  behaviour: z.enum([
    '422-http',
    '422-body',
    '403-in-200',
    'upgrade-plan',
    '401-key',
    '400-key',
    '400-pair',
    '404',
    '500-http',
    '500-body',
    'truncated',
    'reset',
    'no-answer',
    'empty',
  ]),
});

/** For the WebSocket: connected but mute, or not let in at all. */
const onSockets = z.strictObject({
  times: matching.times,
  behaviour: z.enum(['ws-silent', 'ws-refuse']),
});

const throttled = z.strictObject({
  ...matching,
  behaviour: z.enum(['429-http', '429-body']),
  /** Sent as it stands, so that nonsense can be tried, too. */
  retryAfter: z
    .union([
      z
        .string()
        .max(100)
        .regex(/^[\x20-\x7e]*$/),
      z.number(),
    ])
    .optional(),
});

export const ruleSchema = z.discriminatedUnion('behaviour', [
  plain,
  throttled,
  onSockets,
  z.strictObject({
    ...matching,
    behaviour: z.literal('html'),
    status: z.int().min(200).max(599).default(502),
  }),
  z.strictObject({
    ...matching,
    behaviour: z.literal('slow'),
    delayMs: milliseconds.default(2000),
  }),
  z.strictObject({
    ...matching,
    behaviour: z.literal('slow-body'),
    everyMs: milliseconds.default(200),
    chunkBytes: z.int().min(1).default(16),
  }),
  z.strictObject({
    ...matching,
    behaviour: z.literal('drift-rename'),
    field,
    to: z.string().min(1).max(100).optional(),
  }),
  z.strictObject({
    ...matching,
    behaviour: z.literal('drift-retype'),
    field,
    as: z.enum(['object', 'array', 'text', 'null', 'boolean']).default('object'),
  }),
  z.strictObject({
    ...matching,
    behaviour: z.literal('drift-add'),
    field: z.string().min(1).max(100).default('new_vendor_field'),
  }),
  z.strictObject({
    ...matching,
    behaviour: z.literal('not-a-number'),
    field,
    value: z.string().max(100).default('NaN'),
  }),
  z.strictObject({
    ...matching,
    behaviour: z.literal('redirect'),
    status: z.union([z.literal(301), z.literal(302), z.literal(307), z.literal(308)]).default(302),
    to: z
      .string()
      .max(500)
      .regex(/^[\x21-\x7e]+$/)
      .default('/api/redirected'),
  }),
  z.strictObject({
    ...matching,
    behaviour: z.literal('huge'),
    bytes: bytes.default(9 * 2 ** 20),
  }),
  z.strictObject({
    ...matching,
    behaviour: z.literal('gzip-bomb'),
    bytes: bytes.default(64 * 2 ** 20),
  }),
  z.strictObject({
    ...matching,
    behaviour: z.literal('disorder'),
    missing: z
      .array(z.tuple([z.int().min(0), z.int().min(0)]))
      .max(1_000)
      .default([]),
    repeated: z.int().min(0).default(0),
    shuffled: z.boolean().default(false),
  }),
  z.strictObject({ ...matching, behaviour: z.literal('foreign-use'), by: z.int().min(1) }),
  z.strictObject({ ...matching, behaviour: z.literal('max-limit'), limit: z.int().min(0) }),
]);

export type Rule = z.output<typeof ruleSchema>;
export type RuleInput = z.input<typeof ruleSchema>;
export type SocketRule = z.output<typeof onSockets>;
