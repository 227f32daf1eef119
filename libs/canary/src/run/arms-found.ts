import type { ArmsFound } from './run.ts';

/** As much of a fetcher's announcement as a run keeps. */
export interface Announcement {
  readonly canary: { readonly digest: string; readonly options: readonly string[] };
}

export const armsFound = (announcements: readonly Announcement[]): ArmsFound => {
  const all = <T>(of: (one: Announcement) => readonly T[]): T[] =>
    [...new Set(announcements.flatMap(of))].sort();
  return {
    fetchers: announcements.length,
    options: all(({ canary }) => canary.options),
    digests: all(({ canary }) => [canary.digest]),
  };
};
