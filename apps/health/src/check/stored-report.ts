import { z } from 'zod';
import type { CheckReport } from './report.ts';

const verdict = z.enum(['pass', 'warn', 'fail']);
const count = z.int().min(0);

/** As much of a report as everything that shows one relies on. */
const stored = z.looseObject({
  verdict,
  version: z.string(),
  meaning: z.array(z.string()),
  passed: count,
  warned: count,
  failed: count,
  skipped: count,
  permits: count,
  permitsExact: z.boolean(),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  durationMs: z.number(),
  rows: z.array(
    z.looseObject({
      name: z.string(),
      subject: z.string(),
      verdict: z.enum([...verdict.options, 'skipped']),
      durationMs: z.number(),
    }),
  ),
});

/** Reads a report that another process left in Redis. Others may write there too: what is none is nothing, never an error. */
export const readReport = (text: string | null): CheckReport | undefined => {
  if (text === null) return undefined;
  try {
    const read = stored.safeParse(JSON.parse(text));
    return read.success ? (read.data as unknown as CheckReport) : undefined;
  } catch {
    return undefined;
  }
};
