/**
 * The limit as an onlooker knows it: what was configured, what the flag said when a store heard of it, what the vendor
 * allowed when a store heard of that. It trusts no figure of the limiter's.
 */
export interface LimitInForce {
  setFlag(limit: number | undefined): void;
  setVendor(limit: number | undefined): void;
  /**
   * The most that any window ending now may hold. A lowered limit binds the grants from then on, and those before are
   * in the windows until the last of them has arrived and passed.
   */
  allowed(): number;
}

export interface LimitInForceParts {
  readonly configured: number;
  readonly now: () => number;
  /** For how long a grant before a change may be seen in a window after it. */
  readonly rememberedForMs: number;
}

export const createLimitInForce = (parts: LimitInForceParts): LimitInForce => {
  const { configured, now, rememberedForMs } = parts;
  let flag: number | undefined;
  let vendor: number | undefined;
  /** What was in force, and until when. */
  let former: { readonly limit: number; readonly until: number }[] = [];

  const inForce = (): number => Math.min(configured, flag ?? Infinity, vendor ?? Infinity);
  const change = (make: () => void): void => {
    const before = inForce();
    make();
    if (inForce() < before) former.push({ limit: before, until: now() + rememberedForMs });
  };

  return {
    setFlag: (limit) => change(() => (flag = limit)),
    setVendor: (limit) => change(() => (vendor = limit)),
    allowed() {
      if (former.length === 0) return inForce();
      former = former.filter(({ until }) => until >= now());
      return Math.max(inForce(), ...former.map(({ limit }) => limit));
    },
  };
};
