import { describe, expect, it } from '@jest/globals';
import type { Team } from '@glasshouse/teams';
import { createTeamDirectory } from './team-directory.ts';

describe('the directory of teams', () => {
  const teams: Record<string, Team> = {
    desk: { id: 'desk', weight: 3, requestsPerMinute: 10, permitsPerMinute: 50 },
    fund: { id: 'fund', weight: 1 },
  };
  const directory = createTeamDirectory({ team: (id) => teams[id] });

  it('knows the weight of a registered team, and its bound if it has one', () => {
    expect(directory.shareOf('desk')).toEqual({ id: 'desk', weight: 3, permitsMax: 50 });
    expect(directory.shareOf('fund')).toEqual({ id: 'fund', weight: 1 });
  });

  it('puts whoever is not registered on one account', () => {
    const open = { id: 'open', weight: 1 };
    for (const name of [undefined, 'nobody', 'open', 'house', 'Desk', ''])
      expect(directory.shareOf(name)).toEqual(open);
  });
});
