import { z } from 'zod';
import { integer } from './pieces.ts';

const realMinuteMs = 60_000;

/** The clock of the canary, the same for those who count and those who judge; spread into the schema of an app that needs it. */
export const canaryEnv = {
  /** What the canary takes for a minute, in ms; less makes its clock run faster, for demos and tests. */
  CANARY_MINUTE_MS: integer({ min: 100, max: realMinuteMs, default: realMinuteMs }),
};

const whatTheRuleReads = z.object({ NODE_ENV: z.string(), CANARY_MINUTE_MS: z.number() });

/** Adds what production refuses to an app's schema. The rule runs even when an unrelated setting is wrong. */
export const withCanaryRules = <
  Schema extends z.ZodType<{ readonly NODE_ENV: string; readonly CANARY_MINUTE_MS: number }>,
>(
  schema: Schema,
) =>
  schema.superRefine(
    ({ NODE_ENV, CANARY_MINUTE_MS }, context) => {
      if (NODE_ENV !== 'production' || CANARY_MINUTE_MS === realMinuteMs) return;
      context.addIssue({
        code: 'custom',
        path: ['CANARY_MINUTE_MS'],
        message: `is for demos and tests only, production refuses it; allowed: ${realMinuteMs}`,
      });
    },
    { when: ({ value }) => whatTheRuleReads.safeParse(value).success },
  );
