export { armNames } from './arm.ts';
export type { ArmName, PerArm } from './arm.ts';
export { errorGroups } from './ledger/minute-counts.ts';
export type {
  CallCounts,
  ErrorGroup,
  MinuteCounts,
  RequestLedger,
} from './ledger/minute-counts.ts';
export type {
  CanaryPlan,
  Decision,
  Evidence,
  HoldReason,
  InconclusiveReason,
  RollbackReason,
  Stage,
} from './verdict/decision.ts';
