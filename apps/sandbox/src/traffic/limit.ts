/** How the limit is counted: over the last window at any moment, or per window of the wall clock. */
export type WindowKind = 'sliding' | 'aligned';

export interface LimitSettings {
  readonly limit: number;
  readonly windowMs: number;
  readonly window: WindowKind;
}

export interface Usage {
  readonly granted: boolean;
  /** Requests granted in the current window, this one included. */
  readonly used: number;
}

const keysMax = 1000;

/**
 * Counts the requests of each key as the vendor's own limiter would. A refused request is not counted, so a client
 * that hammers is let in again when its granted requests have left the window.
 */
export class RequestLimit {
  readonly #grantedAt = new Map<string, number[]>();

  /** `at` is monotonic for a sliding window and epoch time for an aligned one, in ms. */
  take(key: string, at: number, { limit, windowMs, window }: LimitSettings): Usage {
    const from = window === 'sliding' ? at - windowMs : Math.floor(at / windowMs) * windowMs;
    const expired =
      window === 'sliding' ? (time: number) => time <= from : (time: number) => time < from;
    // The two kinds tell different times: what one remembers means nothing to the other.
    const name = `${window} ${key}`;
    const times = this.#grantedAt.get(name) ?? [];
    const firstLive = times.findIndex((time) => !expired(time));
    if (firstLive !== 0) times.splice(0, firstLive < 0 ? times.length : firstLive);
    const granted = times.length < limit;
    if (granted) times.push(at);
    this.#remember(name, times);
    return { granted, used: times.length };
  }

  forget(): void {
    this.#grantedAt.clear();
  }

  #remember(name: string, times: number[]): void {
    this.#grantedAt.delete(name);
    this.#grantedAt.set(name, times);
    if (this.#grantedAt.size <= keysMax) return;
    const [oldest] = this.#grantedAt.keys();
    if (oldest !== undefined) this.#grantedAt.delete(oldest);
  }
}
