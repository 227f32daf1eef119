import type { TeamShare } from '@glasshouse/coinglass-client';
import { openTeam, type Team, type TeamRoll } from '@glasshouse/teams';

/** On whose account a job's requests are. */
export interface TeamDirectory {
  /** For the name in a job's data. Anyone may write any name on the shared queue: one that is not registered is the open team's. */
  shareOf(name: string | undefined): TeamShare;
}

const shareOf = ({ id, weight, permitsPerMinute }: Team): TeamShare => ({
  id,
  weight,
  ...(permitsPerMinute !== undefined && { permitsMax: permitsPerMinute }),
});

const openShare = shareOf(openTeam);

/** The registered teams; a change of weight or quota is seen within the roll's poll of 2 s. */
export const createTeamDirectory = (roll: Pick<TeamRoll, 'team'>): TeamDirectory => ({
  shareOf: (name) => {
    const team = name === undefined ? undefined : roll.team(name);
    return team ? shareOf(team) : openShare;
  },
});
