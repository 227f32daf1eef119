export { armNames } from './arm.ts';
export type { ArmName, PerArm } from './arm.ts';
export { errorGroups } from './ledger/minute-counts.ts';
export type {
  CallCounts,
  ErrorGroup,
  MinuteCounts,
  RequestLedger,
} from './ledger/minute-counts.ts';
export { evidenceGroups } from './verdict/decision.ts';
export type {
  CanaryPlan,
  Decision,
  Evidence,
  EvidenceGroup,
  HoldReason,
  InconclusiveReason,
  RollbackReason,
  Stage,
} from './verdict/decision.ts';
export { explain } from './verdict/explain.ts';
export { judge, type Judgement } from './verdict/judge.ts';
export { canaryPlan, defaultPlan, raisedShare } from './verdict/plan.ts';
export { beginVerdict, enterArmed, enterStage, goOn, type VerdictState } from './verdict/state.ts';
