import { randomBytes } from 'node:crypto';
import { Failure, intervals, type FieldError } from '@glasshouse/coinglass-client';
import { z } from 'zod';

/** A job's data may not be larger than this as JSON; the largest sensible one is under 1 kB. */
export const jobBytesMax = 16 * 1024;

const name = z.string().min(1).max(128);
const traceparent = z.string().regex(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/);

/**
 * What anyone may put on the shared queue `coinglass-fetch`. Either native `params`, or an `instrument` for the
 * fetcher to resolve; `interval` is a shorthand for `params.interval`.
 */
export const fetchJob = z.strictObject({
  v: z.literal(1).describe('Version of this contract.'),
  endpoint: name.describe('CoinGlass’s path without /api/, e.g. futures/liquidation/history.'),
  params: z
    .record(z.string().max(64), z.union([z.string().max(512), z.number(), z.boolean()]))
    .optional()
    .describe('The endpoint’s own parameters. Either these or an instrument.'),
  instrument: z
    .strictObject({ exchange: name.optional(), coin: name, base: name.optional() })
    .optional()
    .describe(
      'A coin, and for pairs its exchange and base (USDT unless told): the house finds the symbol.',
    ),
  interval: z.enum(intervals).optional().describe('Shorthand for params.interval.'),
  strict: z
    .boolean()
    .default(false)
    .describe('True: an interval that is refused is a failure instead of a wider interval.'),
  deadlineAt: z
    .int()
    .positive()
    .optional()
    .describe(
      'Epoch ms after which the answer is of no use and nothing is sent for it; at most 24 h ahead counts.',
    ),
  team: z.string().max(64).optional().describe('On whose account the job is.'),
  traceparent: traceparent.optional().describe('W3C trace context of the sender.'),
});

const arm = z.enum(['baseline', 'canary']);

/**
 * What the fetcher reads from the shared queue: the contract, and the arm that it has written into the job itself when the job first ran
 * while a test was under way. What a producer writes there is not obeyed.
 */
const queuedFetchJob = fetchJob.extend({ arm: arm.optional() });

/** A logical call whose arm the gateway has drawn. */
const drawnCall = z.strictObject({
  id: z.string().min(1).max(128),
  arm,
  /** No test of two arms is under way: the answer is everybody's. */
  settled: z.boolean(),
});

/** What the gateway and health put on their own queue: the same, with the lane and the wish for a new answer. */
export const interactiveFetchJob = fetchJob.extend({
  lane: z.enum(['interactive', 'probe']).default('interactive'),
  /** True: a stored answer does not do; the start check asks the vendor itself. */
  fresh: z.boolean().default(false),
  /** Absent: no reader's call, so it is run as everybody's are. */
  call: drawnCall.optional(),
});

/** Asks the fetcher to open the vendor's WebSocket once: only the fetcher holds the key. */
export const streamProbeJob = z.strictObject({
  v: z.literal(1),
  probe: z.literal('stream'),
  deadlineAt: z.int().positive().optional(),
  traceparent: traceparent.optional(),
});

export type QueuedFetchJob = z.output<typeof queuedFetchJob>;
export type DrawnCall = z.output<typeof drawnCall>;
export type FetchJob = z.output<typeof fetchJob>;
export type InteractiveFetchJob = z.output<typeof interactiveFetchJob>;
export type StreamProbeJob = z.output<typeof streamProbeJob>;
export type InteractiveJob = StreamProbeJob | InteractiveFetchJob;
export type FetchJobInput = z.input<typeof fetchJob>;
export type InteractiveJobInput =
  z.input<typeof streamProbeJob> | z.input<typeof interactiveFetchJob>;

/** What the vendor's headers said of itself with the last request of a job; absent is what it did not tell, or nothing was sent. */
export interface VendorSigns {
  /** Requests of the vendor's current minute, and how many it allows. */
  readonly quotaUsed?: number;
  readonly quotaLimit?: number;
  /** Its clock minus the fetcher's, in ms, exact to half a second. */
  readonly clockAheadMs?: number;
}

/** What a finished job returns: where the answer lies, never the answer (BullMQ copies return values into its events). */
export interface JobResult extends VendorSigns {
  readonly answerKey?: string;
  readonly url?: string;
  readonly endpoint?: string;
  readonly servedInterval?: string;
  readonly source?: string;
  readonly permits: number;
  /** The stream probe's figures. */
  readonly openMs?: number;
  readonly pongMs?: number;
}

/** How much of a hostile text may come back in a failure: it is stored, logged and shown. */
const shown = (text: string): string => (text.length > 120 ? `${text.slice(0, 120)}…` : text);

const fieldErrors = (error: z.ZodError): FieldError[] =>
  error.issues.slice(0, 10).map(({ path, message }) => ({
    field: shown(path.join('.')) || 'data',
    message: shown(message),
  }));

/** Undefined for what cannot be written as JSON, such as an array nested 100,000 deep. */
const jsonOf = (data: unknown): string | undefined => {
  try {
    return JSON.stringify(data) ?? '';
  } catch {
    return undefined;
  }
};

const invalid = (detail: string, errors?: readonly FieldError[]): Failure =>
  new Failure('invalid-job', detail, errors && { errors });

/**
 * Reads a job's data. The consumer trusts nothing: whatever does not fit is `invalid-job`, with every problem named (the first
 * ten), and costs no request.
 */
const parseJob = <Schema extends z.ZodType>(schema: Schema, data: unknown): z.output<Schema> => {
  const json = jsonOf(data);
  if (json === undefined) throw invalid("The job's data is nested too deeply");
  const bytes = Buffer.byteLength(json);
  if (bytes > jobBytesMax) {
    throw invalid(`The job's data has ${bytes} bytes; at most ${jobBytesMax} are taken`);
  }
  // zod drops an own `__proto__` from a record without a word. Inside a string the quotes would be escaped.
  if (json.includes('"__proto__":')) throw invalid('A key named __proto__ is not taken');
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const errors = fieldErrors(parsed.error);
  throw invalid(errors.map(({ field, message }) => `${field}: ${message}`).join('; '), errors);
};

/** Reads the data of a job that a producer wants to add to the shared queue. */
export const parseFetchJob = (data: unknown): FetchJob => parseJob(fetchJob, data);

/** Reads the data of a job that was taken from the shared queue. */
export const parseQueuedJob = (data: unknown): QueuedFetchJob => parseJob(queuedFetchJob, data);

/** Reads the data of a reader's ask: a stream probe if it says `probe`, else a fetch. */
export const parseInteractiveJob = (data: unknown): InteractiveJob =>
  typeof data === 'object' && data !== null && Object.hasOwn(data, 'probe')
    ? parseJob(streamProbeJob, data)
    : parseJob(interactiveFetchJob, data);

/**
 * A job id, drawn once before the first send and never reused, so that an `add` whose reply was lost cannot add twice.
 * 128 random bits: nobody guesses another team's job.
 */
export const newJobId = (): string => `j${randomBytes(16).toString('hex')}`;

/** Whether the house, or its producer library, may have drawn this id. A producer who picks his own is free to use the same form. */
export const isDrawnJobId = (jobId: string): boolean => /^j[0-9a-f]{32}$/.test(jobId);
