export { openTeam, scopes, type Scope, type Team } from './team.ts';
