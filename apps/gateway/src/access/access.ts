import type { IncomingHttpHeaders } from 'node:http';
import type { Scope, Team } from '@glasshouse/teams';

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
   * `address` is the socket's: guesses are counted by it.
   */
  enter(headers: IncomingHttpHeaders, scope: Scope, address?: string): Promise<Caller>;
}

/** The door as the hit path needs it. */
export interface HitAccess {
  /** Lets in who can be let in at once, from memory. Undefined: let the route look, which can wait and can say no. */
  enterAtOnce(headers: IncomingHttpHeaders, scope: Scope): Caller | undefined;
}
