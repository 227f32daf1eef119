import {
  findEndpoint,
  intervals,
  isFailure,
  parameterNames,
  pipelineDefaults,
  type Interval,
} from '@glasshouse/coinglass-client';
import { baseUrlRules, url } from '@glasshouse/service-kit';
import { z } from 'zod';

/** What a caller asks by. As a constant, every answer would be the answer to another question. */
const askedBy: readonly string[] = ['exchange', 'symbol', 'interval', 'start_time', 'end_time'];

/** Under the 60 s that a run of a job lasts: what only the run's end breaks off is nobody's failure, and would not speak against the canary. */
const silenceMaxMs = 50_000;

const integerBetween = (min: number, max: number) =>
  z.int(`is not a whole number from ${min} to ${max}`).min(min).max(max);

const someIntervals = z
  .array(z.enum(intervals))
  .min(1)
  .transform((given): readonly Interval[] => intervals.filter((each) => given.includes(each)));

const constants = z
  .record(z.string(), z.string().max(256, 'has more than 256 characters'))
  .superRefine((given, context) => {
    const names = Object.keys(given);
    const say = (message: string, ...path: string[]) =>
      context.addIssue({ code: 'custom', path, message });
    if (names.length > 20) say('has more than 20 parameters');
    for (const name of names) {
      if (!/^[A-Za-z][\w-]{0,63}$/.test(name)) say('is no name of a parameter', name);
      if (askedBy.includes(name)) say('is what callers ask by, so it cannot be constant', name);
    }
  });

const endpointOptions = z.strictObject({
  /** Where the vendor has it, without `/api/`. */
  path: z
    .string()
    .regex(
      /^(?!api\/)[A-Za-z0-9][\w-]*(?:\/[\w-]+){0,15}$/,
      'is no path such as futures/funding-rate/history: without /api/, without a query',
    )
    .optional(),
  /** The only intervals that the vendor is asked for. */
  intervals: someIntervals.optional(),
  /** Sent with every question to this endpoint, over a parameter of the same name. */
  constants: constants.optional(),
});

/** In what the canary may differ from the baseline. What is left out is as in the baseline. */
export const canaryOptions = z.strictObject({
  /** Where the canary asks: as COINGLASS_BASE_URL. */
  baseUrl: url(baseUrlRules).optional(),
  retry: z
    .strictObject({
      /** Sendings of one call, the first included; each pays a permit. */
      sendsMax: integerBetween(1, 5).optional(),
      /** The most that is waited before the second sending, in ms; doubled with each further one. */
      firstBackOffMs: integerBetween(0, 10_000).optional(),
      /** How long one sending may take, in ms. */
      timeOutMs: integerBetween(500, 30_000).optional(),
    })
    .superRefine(
      (
        { sendsMax = pipelineDefaults.sendsMax, timeOutMs = pipelineDefaults.attemptTimeoutMs },
        context,
      ) => {
        const silenceMs = sendsMax * timeOutMs;
        if (silenceMs <= silenceMaxMs) return;
        const message = `sendsMax (${sendsMax}) times timeOutMs (${timeOutMs}) is more than ${silenceMaxMs}; lower one of them`;
        context.addIssue({ code: 'custom', message });
      },
    )
    .optional(),
  fallback: z
    .strictObject({
      /** Rungs that may be climbed when an interval is refused; 0: none. */
      steps: integerBetween(0, intervals.length - 1).optional(),
      /** The only intervals that may be served in place of a refused one. */
      rungs: someIntervals.optional(),
    })
    .optional(),
  /** By endpoint id. */
  catalogue: z
    .record(z.string(), endpointOptions)
    .superRefine((catalogue, context) => {
      for (const [id, { intervals: asked }] of Object.entries(catalogue)) {
        const endpoint = findEndpoint(id);
        const say = (message: string, ...path: string[]) =>
          context.addIssue({ code: 'custom', path: [id, ...path], message });
        if (isFailure(endpoint)) {
          const [near] = endpoint.errors?.[0]?.suggestions ?? [];
          say(`is no endpoint of this house${near === undefined ? '' : `; ${near} is`}`);
        } else if (asked && !parameterNames(endpoint).includes('interval')) {
          say('is for endpoints with an interval, which this is not', 'intervals');
        }
      }
    })
    .optional(),
});
export type CanaryOptions = z.output<typeof canaryOptions>;
