/** Jobs that may wait on the shared queue: about an hour of the bulk lane at 250 requests a minute, a request each. */
export const backlogMax = 14_000;

/** The shared queue's pace at so many requests to CoinGlass a minute: nine tenths of them, what the bulk lane may take. */
export const backlogPace = (rpm: number): number => rpm * 0.9;

export const backlogPerMinute = backlogPace(250);

/** How long until so many jobs of the backlog have gone, in whole seconds as ms, at least one. */
export const waitForRoomMs = (jobs: number, perMinute = backlogPerMinute): number =>
  Math.max(1, Math.ceil((jobs * 60) / perMinute)) * 1_000;

export interface BacklogTerms {
  /** Jobs a minute. */
  readonly perMinute: number;
  /** Epoch ms after which the answer is of no use. */
  readonly deadlineAt: number | undefined;
  readonly now: number;
  readonly backlogMax?: number;
}

/** Why a job is not taken: the backlog is at its bound, or so long that the job could not begin before its own deadline. */
export interface NoRoom {
  readonly because: 'backlog' | 'deadline';
  /** When there is room again. */
  readonly retryAfterMs: number;
}

/** Whether one more job finds room behind those that wait, each counted as one request; undefined: it does. */
export const noRoomBehind = (
  waiting: number,
  { perMinute, deadlineAt, now, backlogMax: most = backlogMax }: BacklogTerms,
): NoRoom | undefined => {
  if (waiting >= most) {
    return { because: 'backlog', retryAfterMs: waitForRoomMs(waiting - most + 1, perMinute) };
  }
  const perMs = perMinute / 60_000;
  if (deadlineAt === undefined || now + waiting / perMs <= deadlineAt) return undefined;
  const tooMany = Math.min(waiting, waiting - (deadlineAt - now) * perMs);
  return { because: 'deadline', retryAfterMs: waitForRoomMs(tooMany, perMinute) };
};
