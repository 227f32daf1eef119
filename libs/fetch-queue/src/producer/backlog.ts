/** Jobs that may wait on the shared queue: about an hour of the bulk lane at 250 requests a minute, a request each. */
export const backlogMax = 14_000;

/** The shared queue's pace: nine tenths of 250 requests a minute. */
export const backlogPerMinute = 225;

/** How long until so many jobs of the backlog have gone, in whole seconds as ms, at least one. */
export const waitForRoomMs = (jobs: number, perMinute = backlogPerMinute): number =>
  Math.max(1, Math.ceil((jobs * 60) / perMinute)) * 1_000;
