/** One hash tag with everything of the house, so that scripts over several keys stay legal in a cluster. */
const prefix = '{coinglass}';

export const redisKeys = {
  /** Hash: team id -> record. */
  teams: `${prefix}:teams:v1`,
  /** Hash: key id -> record. */
  keys: `${prefix}:team-keys:v1`,
  /** Hash: key id -> the minute (epoch ms) in which it was last used. */
  used: `${prefix}:team-keys:v1:used`,
  /** A new value with each change of the two. */
  version: `${prefix}:teams:v1:version`,
  /** Hash: second -> requests drawn in it. */
  drawn: (team: string) => `${prefix}:team-requests:v1:${team}`,
  /** Sorted set of the gateways that were seen lately. */
  gateways: `${prefix}:gateways:v1`,
  /** Hash: what a team did in one bucket of time. */
  usage: (team: string, span: string, bucket: number) =>
    `${prefix}:usage:v1:${team}:${span}:${bucket}`,
} as const;
