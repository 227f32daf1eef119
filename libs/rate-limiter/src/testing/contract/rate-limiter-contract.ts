import { beforeEach, describe } from '@jest/globals';
import type { MakeWorld } from '../world.ts';
import { describeClosing } from './closing.ts';
import { describeForeignUse } from './foreign-use.ts';
import { describeLanes } from './lanes.ts';
import { describeLimitInForce } from './limit-in-force.ts';
import { describeLostState } from './lost-state.ts';
import { describePause } from './pause.ts';
import { describeSlots } from './slots.ts';
import { describeTeams } from './teams.ts';
import { describeWaiting } from './waiting.ts';
import { Stage } from './stage.ts';

/** What every rate limiter promises, whatever keeps its state. `make` gives a world without any state yet. */
export const describeRateLimiterContract = (name: string, make: MakeWorld): void => {
  describe(`the rate limiter, ${name}`, () => {
    const stage = new Stage();

    beforeEach(async () => {
      stage.world = await make();
    });

    describeSlots(stage);
    describeWaiting(stage);
    describeLanes(stage);
    describeTeams(stage);
    describePause(stage);
    describeLimitInForce(stage);
    describeForeignUse(stage);
    describeLostState(stage);
    describeClosing(stage);
  });
};
