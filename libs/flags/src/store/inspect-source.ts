import type { FlagsSource } from './open-flags.ts';

/** A check's result, as a process shows it on `/health`. */
export interface SourceFinding {
  readonly status: 'pass' | 'warn';
  /** The version in force, or `file`. */
  readonly observedValue: number | string;
  /** What is wrong, in words for people; absent when nothing is. */
  readonly output?: string;
}

/** Whether flags come from where they should. */
export const inspectSource = ({ from, version, stale, refused }: FlagsSource): SourceFinding => {
  const inForce = version === undefined ? 'the file of defaults' : `version ${version}`;
  const troubles = [
    ...(stale ? [`Redis cannot be asked for flags: ${inForce} goes on`] : []),
    ...(from === 'last-known-good' ? ['what is in force is what this machine last knew'] : []),
    ...(refused
      ? [`version ${refused.version} in Redis cannot be used: ${inForce} stays in force`]
      : []),
  ];
  return {
    status: troubles.length > 0 ? 'warn' : 'pass',
    observedValue: version ?? from,
    ...(troubles.length > 0 && { output: troubles.join('; ') }),
  };
};
