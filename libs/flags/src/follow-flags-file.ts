import { statSync } from 'node:fs';
import { readFlagsFile } from './flags.ts';
import type { Flags, FlagsLogger } from './flags.ts';

export interface FollowOptions {
  readonly logger: FlagsLogger;
  /** How often the file is looked at. A look is one `stat`; polling, since file events get lost on mounted volumes. */
  readonly everyMs?: number;
}

const stampOf = (path: string): string => {
  try {
    const { mtimeMs, size, ino } = statSync(path);
    return `${mtimeMs}:${size}:${ino}`;
  } catch {
    return 'absent';
  }
};

/**
 * Takes a changed flag file into force while the process runs, so that a switch is thrown by editing a file. A file
 * that cannot be used is reported once and the definitions in force stay. Gives a function that ends it.
 */
export const followFlagsFile = (
  flags: Pick<Flags, 'replace'>,
  path: string,
  { logger, everyMs = 2_000 }: FollowOptions,
): (() => void) => {
  let seen = stampOf(path);
  const timer = setInterval(() => {
    const stamp = stampOf(path);
    if (stamp === seen) return;
    seen = stamp;
    try {
      const changed = flags.replace(readFlagsFile(path));
      if (changed.length > 0)
        logger.info({ event: 'flags.changed', changed }, `flags changed: ${changed.join(', ')}`);
    } catch (error) {
      logger.error({ event: 'flags.refused', err: error }, 'the changed flag file is not used');
    }
  }, everyMs).unref();
  return () => clearInterval(timer);
};
