import { LRUCache } from 'lru-cache';

const addressesMax = 10_000;
const lengthMs = 60_000;

/** Well-formed keys that are none, from one address in a minute: more than this is guessing. */
export const failedKeysMax = 30;

interface Tried {
  readonly since: number;
  count: number;
}

/** An IPv6 host has a whole /64 to send from. */
const sourceOf = (address: string): string =>
  address.includes(':') && !address.includes('.')
    ? address.split(':').slice(0, 4).join(':')
    : address;

/**
 * Counts failed keys by source address, in bounded memory. Whoever is over the bound has no key looked up for the rest of a minute; keys that
 * the roll knows already pass without being counted, so that a neighbour behind the same address goes on reading.
 */
export class FailedKeys {
  readonly #tried = new LRUCache<string, Tried>({ max: addressesMax });
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** For how long this address is not listened to, in ms; 0: it is. */
  restMs(address: string): number {
    const tried = this.#tried.get(sourceOf(address));
    if (!tried || tried.count < failedKeysMax) return 0;
    return Math.max(0, tried.since + lengthMs - this.#now());
  }

  /** True when this one was the last that is borne with. */
  add(address: string): boolean {
    const source = sourceOf(address);
    const now = this.#now();
    const tried = this.#tried.get(source);
    if (!tried || now - tried.since >= lengthMs) {
      this.#tried.set(source, { since: now, count: 1 });
      return false;
    }
    tried.count += 1;
    return tried.count === failedKeysMax;
  }
}
