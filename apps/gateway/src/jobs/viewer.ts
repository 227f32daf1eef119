import type { Caller } from '../access/access.ts';

/** Who looks: their own team's jobs, or with the scope `admin` everybody's. */
export interface Viewer {
  readonly team: string;
  readonly admin: boolean;
}

export const viewerOf = ({ team, scopes }: Caller): Viewer => ({
  team: team.id,
  admin: scopes.has('admin'),
});
