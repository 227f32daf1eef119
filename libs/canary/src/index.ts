export { armNames } from './arm.ts';
export type { ArmName, PerArm } from './arm.ts';
export type { CallOutcome, CanaryClient } from './ledger/fetcher-minute.ts';
export { LedgerReader } from './ledger/ledger-reader.ts';
export type { FetcherAnnouncement } from './ledger/ledger-reader.ts';
export { MinuteLedger } from './ledger/minute-ledger.ts';
export type { CountedCall, MinuteLedgerOptions } from './ledger/minute-ledger.ts';
export { periodBegin } from './ledger/period.ts';
export { errorGroups } from './ledger/minute-counts.ts';
export type {
  CallCounts,
  ErrorGroup,
  MinuteCounts,
  RequestLedger,
} from './ledger/minute-counts.ts';
export { callsOf, totalCalls } from './verdict/calls.ts';
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
export { armsFound } from './run/arms-found.ts';
export { CanaryDesk } from './run/desk.ts';
export type { CanaryDeskOptions, CanaryLook } from './run/desk.ts';
export { definitionOf, ruleText, settledValue } from './run/flag-facts.ts';
export { Leadership } from './run/leadership.ts';
export type { LeadershipOptions, Lease } from './run/leadership.ts';
export { applyOrder, rolledBack } from './run/orders.ts';
export type { OrderFacts } from './run/orders.ts';
export { runKeys } from './run/redis-keys.ts';
export { CanaryRefusal } from './run/refusal.ts';
export { reportMarkdown } from './run/report-markdown.ts';
export { createReport, outcomeWords } from './run/report.ts';
export type { CanaryReport } from './run/report.ts';
export { RunStore } from './run/run-store.ts';
export type { Changing, RunReading } from './run/run-store.ts';
export { drivenFlag, isOver, isTaken, orderNames, runStatuses, withEvent } from './run/run.ts';
export type {
  ArmsFound,
  CanaryRun,
  FlagIntent,
  OrderName,
  RunEvent,
  RunSettings,
  RunStatus,
  TakenRun,
  Tick,
} from './run/run.ts';
export { startRun } from './run/start.ts';
export type { StartFacts } from './run/start.ts';
export { viewOf } from './run/view.ts';
export type { RunView } from './run/view.ts';
