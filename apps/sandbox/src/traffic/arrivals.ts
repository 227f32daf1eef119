/** One request as it reached the sandbox. `status` and `code` stay null until an answer was decided, and for a hang. */
export interface Arrival {
  /** From 1, without gaps, over the life of the process. */
  readonly n: number;
  /** Epoch ms by the real clock, whatever the candle clock says. */
  readonly atMs: number;
  readonly monotonicMs: number;
  readonly method: string;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  /** Digest of the key; null when none was sent. */
  readonly key: string | null;
  status: number | null;
  code: string | null;
}

export interface KeySummary {
  readonly total: number;
  readonly maxInWindow: number;
}

export interface ArrivalSummary {
  readonly total: number;
  readonly windowMs: number;
  /** The most arrivals in any sliding window, refused ones included. */
  readonly maxInWindow: number;
  readonly byPath: Readonly<Record<string, number>>;
  /** `<HTTP status>/<body code>` -> count; `none` = never answered. */
  readonly byOutcome: Readonly<Record<string, number>>;
  readonly byKey: Readonly<Record<string, KeySummary>>;
}

const textMax = 200;
const short = (text: string): string => text.slice(0, textMax);

/** The most times in any half-open window; `times` in ascending order. */
export function mostInWindow(times: readonly number[], windowMs: number): number {
  let most = 0;
  let first = 0;
  times.forEach((time, at) => {
    while ((times[first] ?? time) <= time - windowMs) first += 1;
    most = Math.max(most, at - first + 1);
  });
  return most;
}

const count = (names: readonly string[]): Record<string, number> => {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries(counts);
};

/** The log of everything that arrived: a ring, so it is bounded; never holds a key. */
export class Arrivals {
  readonly #max: number;
  #ring: Arrival[] = [];
  #n = 0;

  constructor(max = 100_000) {
    this.#max = max;
  }

  record(seen: Omit<Arrival, 'n' | 'status' | 'code'>): Arrival {
    this.#n += 1;
    const arrival: Arrival = {
      ...seen,
      n: this.#n,
      path: short(seen.path),
      params: Object.fromEntries(
        Object.entries(seen.params).map(([name, value]) => [short(name), short(value)]),
      ),
      status: null,
      code: null,
    };
    this.#ring.push(arrival);
    // Cut in one go now and then: dropping one from the front of a long array for each arrival is dear.
    if (this.#ring.length > this.#max * 1.1) this.#ring = this.#ring.slice(-this.#max);
    return arrival;
  }

  /** Oldest first; those at or after `sinceMs` (epoch). */
  since(sinceMs = 0): readonly Arrival[] {
    return this.#ring.slice(-this.#max).filter(({ atMs }) => atMs >= sinceMs);
  }

  summary(windowMs: number, sinceMs = 0): ArrivalSummary {
    const arrivals = this.since(sinceMs);
    const timesByKey = new Map<string, number[]>();
    for (const { key, monotonicMs } of arrivals) {
      const times = timesByKey.get(key ?? 'none') ?? [];
      times.push(monotonicMs);
      timesByKey.set(key ?? 'none', times);
    }
    return {
      total: arrivals.length,
      windowMs,
      maxInWindow: mostInWindow(
        arrivals.map(({ monotonicMs }) => monotonicMs),
        windowMs,
      ),
      byPath: count(arrivals.map(({ path }) => path)),
      byOutcome: count(
        arrivals.map(({ status, code }) => (status === null ? 'none' : `${status}/${code ?? '-'}`)),
      ),
      byKey: Object.fromEntries(
        [...timesByKey].map(([key, times]) => [
          key,
          { total: times.length, maxInWindow: mostInWindow(times, windowMs) },
        ]),
      ),
    };
  }

  forget(): void {
    this.#ring = [];
  }
}
