/** One slot in so many is in nobody's share: it is kept for teams that come back. */
export const LIMIT_PER_RESERVED = 20;

export const reserveOf = (limit: number): number => Math.floor(limit / LIMIT_PER_RESERVED);

/** Who comes back has a first slot within such a part of a window: 1.9 s of 60. */
export const WINDOW_PER_RETURN = 32;
/** In so many parts of a window kept slots are looked for; each look costs the store a command. */
export const LOOKS_PER_WINDOW = 12;

/** So many slots must be free, or known to fall free by then. */
export interface KeptSlots {
  readonly slots: number;
  readonly withinMs: number;
}

/**
 * In a lane that is not paced, a team has its share of all but a reserve at once. What is over its share it has beside the reserve, which is
 * **kept** for teams that come back. Kept does not mean idle: a slot that is known to fall free in time will do as well as a free one.
 * In time is the first one within a part of the window that nobody minds, the others evenly over the window.
 */
export const keptSlots = (reserved: number, windowMs: number): KeptSlots[] => {
  const all: KeptSlots[] = [];
  for (let look = 0; look < LOOKS_PER_WINDOW; look += 1) {
    const slots = Math.floor((look * reserved) / LOOKS_PER_WINDOW) + 1;
    if (slots <= reserved && slots !== all.at(-1)?.slots) {
      const withinMs =
        Math.floor(windowMs / WINDOW_PER_RETURN) + Math.floor((look * windowMs) / LOOKS_PER_WINDOW);
      all.push({ slots, withinMs });
    }
  }
  return all;
};
