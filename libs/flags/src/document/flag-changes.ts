import { isDeepStrictEqual } from 'node:util';
import type { FlagDefinition, FlagDocument } from './flag-document.ts';

/** What became of one flag; a flag that is new has no `before`, one that is gone no `after`. */
export interface FlagChange {
  readonly key: string;
  readonly before?: FlagDefinition;
  readonly after?: FlagDefinition;
}

const flagIn = ({ flags }: FlagDocument, key: string): FlagDefinition | undefined =>
  Object.hasOwn(flags, key) ? flags[key] : undefined;

/** Every flag that is not the same in both, sorted by key. */
export const flagChanges = (before: FlagDocument, after: FlagDocument): FlagChange[] =>
  [...new Set([...Object.keys(before.flags), ...Object.keys(after.flags)])]
    .sort()
    .flatMap((key) => {
      const [was, is] = [flagIn(before, key), flagIn(after, key)];
      if (isDeepStrictEqual(was, is)) return [];
      return [{ key, ...(was && { before: was }), ...(is && { after: is }) }];
    });
