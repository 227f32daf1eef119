export { drawArm, standingArm } from './draw-arm.ts';
export type { Arm, DrawnArm } from './draw-arm.ts';
export { endpointFlagKey, flagRow, flagTable, knownFlagKeys } from './flag-table.ts';
export type {
  BooleanFlagKey,
  EndpointFlagKey,
  FlagKey,
  FlagRow,
  FlagType,
  NumberFlagKey,
  ObjectFlagKey,
  StringFlagKey,
} from './flag-table.ts';
export { createFlags, isEndpointEnabled } from './flags.ts';
export type { FlagReading, Flags, FlagsLogger, FlagsOptions } from './flags.ts';
export { FlagsError } from './flags-error.ts';
export type { FlagProblem } from './flags-error.ts';
export { followFlagsFile } from './follow-flags-file.ts';
export type { FollowOptions } from './follow-flags-file.ts';
export { lintFlags } from './lint-flags.ts';
