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
export type {
  CanaryPlan,
  Decision,
  Evidence,
  HoldReason,
  InconclusiveReason,
  RollbackReason,
  Stage,
} from './verdict/decision.ts';
