import { failures, type FailureRecord, type PermitWait } from '@glasshouse/coinglass-client';
import { z } from 'zod';
import type { HandedAnswer } from '../answers/answer.ts';
import type { JobResult } from '../job.ts';

/** What the fetcher says of a job while somebody may wait for it. */
export type Outcome =
  | {
      readonly jobId: string;
      readonly state: 'answered';
      /** The key the answer was asked under; it leads to the answer, by a pointer if the interval was refused. */
      readonly askedKey?: string;
      readonly result: JobResult;
      /** Told to who listens; not kept for who looks later, as the store has it then. */
      readonly answer?: HandedAnswer;
    }
  | { readonly jobId: string; readonly state: 'failed'; readonly failure: FailureRecord }
  | {
      /** Not an end: no permit before `resumesAt` (epoch ms), so who cannot wait that long may go. */
      readonly jobId: string;
      readonly state: 'postponed';
      readonly resumesAt: number;
      readonly because: PermitWait['because'];
    };

const outcome = z.discriminatedUnion('state', [
  z.object({
    jobId: z.string(),
    state: z.literal('answered'),
    askedKey: z.string().optional(),
    result: z.looseObject({ permits: z.number() }),
    answer: z
      .object({
        facts: z.looseObject({
          key: z.string(),
          fetchedAt: z.number(),
          freshUntil: z.number(),
          staleUntil: z.number(),
        }),
        vendor: z.string(),
        house: z.string(),
      })
      .optional(),
  }),
  z.object({
    jobId: z.string(),
    state: z.literal('failed'),
    // A kind that only a newer fetcher knows is a failure all the same.
    failure: z.looseObject({
      kind: z.string().transform((kind) => (Object.hasOwn(failures, kind) ? kind : 'internal')),
      detail: z.string(),
    }),
  }),
  z.object({
    jobId: z.string(),
    state: z.literal('postponed'),
    resumesAt: z.number(),
    because: z.enum(['limit', 'pause', 'state-lost', 'team-quota']),
  }),
]);

/**
 * Of which job an outcome tells, without reading the rest: every process hears of every job. Undefined where that cannot be seen at a
 * glance, which does not mean that it is none.
 */
export const jobIdOf = (text: string): string | undefined =>
  /^\{"jobId":"([^"\\]{1,128})"/.exec(text)?.[1];

/** Reads an outcome from Redis. Others may write there too: what is none is nothing, never an error. */
export const readOutcome = (text: string): Outcome | undefined => {
  try {
    const read = outcome.safeParse(JSON.parse(text));
    return read.success ? (read.data as Outcome) : undefined;
  } catch {
    return undefined;
  }
};
