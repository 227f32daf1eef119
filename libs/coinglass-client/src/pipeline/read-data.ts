import type { z } from 'zod';
import { Failure } from '../failures.ts';
import type { ObservedAttempt, Page, Send } from './call.ts';
import type { Mask } from './mask.ts';
import { factsOf, type Envelope } from './read-envelope.ts';
import { boundedText } from './vendor-text.ts';

/**
 * Holds `data` against the endpoint's schema and writes the house rendition. A field that is lost or has changed
 * its type fails the whole page: half of it, or a 0 in its place, would be believed.
 */
export const readData =
  (
    { mask }: { readonly mask: Mask },
    next: Send<ObservedAttempt, Envelope>,
  ): Send<ObservedAttempt, Page> =>
  async (attempt) => {
    const { data: sent, vendorData, answer } = await next(attempt);
    const checked = attempt.endpoint.data.safeParse(sent);
    if (!checked.success)
      throw new Failure('upstream-malformed', complaint(checked.error.issues, mask), {
        upstream: { ...factsOf(attempt, answer, mask), code: '0' },
      });
    const houseData = checked.data === sent ? vendorData : JSON.stringify(checked.data);
    return {
      vendorData,
      // One string for both where they are equal: answers are kept in memory by the thousand.
      houseData: houseData === vendorData ? vendorData : houseData,
      data: checked.data,
      sandbox: answer.sandbox,
      attempts: attempt.attempt,
    };
  };

/** Names the place and not the value: the value may be anything. */
const complaint = (issues: readonly z.core.$ZodIssue[], mask: Mask): string => {
  const [first] = issues;
  if (!first) return 'The data is not as expected';
  const { path, code } = innermost(first);
  const place = ['data', ...path].map(String).join('.');
  const more = issues.length > 1 ? `, and ${issues.length - 1} more` : '';
  return `${boundedText(mask(place), 120)} is not as expected (${code}${more})`;
};

/** A union says only that nothing fitted; the branch that came furthest says where. */
const innermost = (issue: z.core.$ZodIssue): { path: readonly PropertyKey[]; code: string } => {
  const branches = issue.code === 'invalid_union' ? issue.errors : [];
  const deepest = branches
    .flatMap((branch) => branch.slice(0, 1))
    .map(innermost)
    .sort((a, b) => b.path.length - a.path.length)[0];
  return deepest && deepest.path.length > 0
    ? { path: [...issue.path, ...deepest.path], code: deepest.code }
    : { path: issue.path, code: issue.code };
};
