/** What a key may do. `admin` includes all others. */
export const scopes = [
  'read',
  'jobs:write',
  'jobs:bulk',
  'flags:read',
  'flags:write',
  'admin',
] as const;
export type Scope = (typeof scopes)[number];

/** A team as everyone sees it: no key and no digest is in it. */
export interface Team {
  /** 1 to 32 characters of a-z, 0-9 and -, the first one a letter. */
  readonly id: string;
  /** Its share of a lane beside other teams that want the same slots; a whole number from 1 to 100. */
  readonly weight: number;
  /** HTTP requests per minute at all gateways together; absent: as many as it likes. */
  readonly requestsPerMinute?: number | undefined;
  /** Requests to CoinGlass on its account in any window; absent: its fair share is the only bound. */
  readonly permitsPerMinute?: number | undefined;
}

/** Who reads where no keys are asked for, and whoever the shared queue does not know by name. */
export const openTeam: Team = { id: 'open', weight: 1 };

/** Names that stand for no team of people: nobody, the house itself, and whoever uses a development key. */
export const reservedTeamIds: readonly string[] = ['open', 'house', 'development'];

export const teamIdForm = /^[a-z][a-z0-9-]{0,31}$/;

/** Whether a key with these scopes may do this. */
export const allows = (granted: ReadonlySet<Scope>, scope: Scope): boolean =>
  granted.has(scope) || granted.has('admin');
