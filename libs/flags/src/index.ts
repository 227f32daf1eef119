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
export { checkDocument } from './document/check-document.ts';
export type { CheckedDocument } from './document/check-document.ts';
export { flagOf, withMissing, withSplit, withValue, withVariant } from './document/edits.ts';
export { withCanaryShare, withShares } from './document/ramp.ts';
export type { FlagChange } from './document/flag-changes.ts';
export type { FlagDefinition, FlagDocument } from './document/flag-document.ts';
export { createFlags, isEndpointEnabled, readFlagsFile } from './flags.ts';
export type { FlagReading, Flags, FlagsLogger, FlagsOptions } from './flags.ts';
export { FlagsError } from './flags-error.ts';
export type { FlagProblem } from './flags-error.ts';
export { followFlagsFile } from './follow-flags-file.ts';
export type { FollowOptions } from './follow-flags-file.ts';
export { flagIntervals } from './interval-map.ts';
export { lintFlags } from './lint-flags.ts';
export { changeFlags } from './store/change-flags.ts';
export type { FlagsChanged, FlagsEdit } from './store/change-flags.ts';
export { completed } from './store/completed.ts';
export { defaultsIn } from './store/defaults-file.ts';
export { FlagStore } from './store/flag-store.ts';
export type { FlagStoreOptions, FlagsWrite, FlagsWritten } from './store/flag-store.ts';
export { openFlags } from './store/open-flags.ts';
export type { FlagsSource, OpenFlags, OpenFlagsOptions } from './store/open-flags.ts';
export { revertFlags } from './store/revert-flags.ts';
export type { FlagsRevert, FlagsReverted } from './store/revert-flags.ts';
export { describeGives, flagGives, viewFlag, viewFlags } from './view/flag-view.ts';
export type { FlagGives, FlagView } from './view/flag-view.ts';
export { evaluateFlag } from './view/evaluate.ts';
export { inspectSource } from './store/inspect-source.ts';
export type { SourceFinding } from './store/inspect-source.ts';
export type { FlagsAudit, FlagsVersion, StoredFlags } from './store/records.ts';
