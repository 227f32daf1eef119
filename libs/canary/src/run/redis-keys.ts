/** One hash tag with everything of the house, so that scripts over several keys stay legal in a cluster. */
const prefix = '{coinglass}:canary';

export const runKeys = {
  /** Hash: `version` and `run`, the record of the run that is under way or was the last. */
  current: `${prefix}:run`,
  /** String with an expiry: token and name of the controller that leads. */
  leader: `${prefix}:leader`,
  /** Counter: the token of the last controller that became leader. */
  fence: `${prefix}:fence`,
  /** List: ids of the runs, the newest first. */
  runs: `${prefix}:runs`,
  /** String: the record of one run, current or past. */
  run: (id: string) => `${prefix}:run:${id}`,
  /** Stream: everything that was judged, ordered or written in one run. */
  ticks: (id: string) => `${prefix}:run:${id}:ticks`,
} as const;
