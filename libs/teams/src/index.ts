export {
  allows,
  openTeam,
  reservedTeamIds,
  scopes,
  teamIdForm,
  type Scope,
  type Team,
} from './team.ts';
export {
  digestOf,
  drawKey,
  keyIdAt,
  keyTextLength,
  parseKey,
  sameDigest,
  type TeamKeyText,
} from './keys/team-key.ts';
export { isLive, type RegisterState, type TeamKey } from './register/records.ts';
export {
  RegisterRefusal,
  TeamRegister,
  type MadeKey,
  type RefusalReason,
  type TeamSettings,
} from './register/register.ts';
export { TeamRoll, type RollEvent } from './register/roll.ts';
export { RequestQuota, type Taken } from './quota/request-quota.ts';
export { metrics, spanNames, type Counts, type Metric, type SpanName } from './usage/spans.ts';
export { UsageTally } from './usage/usage-tally.ts';
export { readUsage, type Usage } from './usage/usage-report.ts';
