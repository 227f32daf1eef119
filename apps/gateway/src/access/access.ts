import type { IncomingHttpHeaders } from 'node:http';
import { openTeam, scopes, type Scope, type Team } from '@glasshouse/teams';

/** Who asks, once their key has been looked at. No key and no digest is in it. */
export interface Caller {
  readonly team: Team;
  readonly scopes: ReadonlySet<Scope>;
  /** Absent where no keys are asked for. */
  readonly keyId?: string;
}

/** The gateway's door: everything but the probes, the reference and `/` passes it before anything else is looked at. */
export interface Access {
  /**
   * Who the headers' key belongs to, if it may do this and its team is within its requests per minute.
   * Rejects with a Failure: `unauthenticated`, `forbidden-scope`, `team-quota`, or `store-unavailable`.
   */
  enter(headers: IncomingHttpHeaders, scope: Scope): Promise<Caller>;
}

/** No keys: everybody is the open team and may do everything. For loopback, and where an operator has said so. */
export const openAccess: Access = {
  enter: () => Promise.resolve({ team: openTeam, scopes: new Set(scopes) }),
};
