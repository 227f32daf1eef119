/** One hash tag with everything of the house, so that a script over several keys stays legal in a cluster. */
const prefix = '{coinglass}:flags';

export const redisKeys = {
  /** Hash: version, document (JSON), sha256 of that text, updatedAt (epoch ms), actor, reason, knownKeys (JSON). */
  document: `${prefix}:doc`,
  /** Hash: version -> what was written as it, as JSON. */
  history: `${prefix}:hist`,
  /** Stream: who changed what, when and why. */
  audit: `${prefix}:audit`,
  /** Channel: the new version, told once; whoever misses it polls. */
  changed: `${prefix}:changed`,
} as const;
