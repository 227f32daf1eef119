import { LRUCache } from 'lru-cache';
import type { Serves } from '@glasshouse/fetch-queue';
import type { Encoding, Representation } from './representation.ts';

export interface MemoryOptions {
  /** All representations together, in bytes. */
  readonly bytesMax: number;
  /** What may be served at all. */
  readonly serves?: Serves;
  readonly now?: () => number;
}

/**
 * Representations in this process, bounded in bytes, and the URLs that lead to them. A URL is only trusted while its
 * representation is fresh: past that the request is decided anew, so a renamed instrument or a new plan is seen.
 */
export class Memory {
  readonly #representations: LRUCache<string, Representation>;
  /** URL -> key of the representation it last stood for. */
  readonly #urls: LRUCache<string, string>;
  readonly #serves: Serves;
  readonly #now: () => number;

  constructor({ bytesMax, serves = () => true, now = Date.now }: MemoryOptions) {
    this.#representations = new LRUCache({
      maxSize: bytesMax,
      sizeCalculation: (representation, key) => representation.bytes + key.length,
    });
    this.#urls = new LRUCache({
      max: 50_000,
      maxSize: 8 * 1024 * 1024,
      sizeCalculation: (representationKey, url) => representationKey.length + url.length + 200,
    });
    this.#serves = serves;
    this.#now = now;
  }

  /** The fresh representation a URL stands for. */
  hit(url: string): Representation | undefined {
    const representationKey = this.#urls.get(url);
    if (representationKey === undefined) return undefined;
    const representation = this.#representations.get(representationKey);
    return representation &&
      this.#now() < representation.freshUntil &&
      !representation.meta.stale &&
      this.#serves(representation.meta)
      ? representation
      : undefined;
  }

  /** What there is under this key, fresh or not, up to its stale cap. */
  get(representationKey: string): Representation | undefined {
    const representation = this.#representations.get(representationKey);
    return representation &&
      this.#now() < representation.staleUntil &&
      this.#serves(representation.meta)
      ? representation
      : undefined;
  }

  set(representationKey: string, representation: Representation): void {
    this.#representations.set(representationKey, representation);
  }

  /** Remembers which representation a URL led to. */
  link(url: string, representationKey: string): void {
    this.#urls.set(url, representationKey);
  }

  /** Compresses once and lets the store know the new size. */
  async encoded(representationKey: string, representation: Representation, encoding: Encoding) {
    const isNew = !representation.ready(encoding);
    const variant = await representation.encoded(encoding);
    if (isNew && this.#representations.peek(representationKey) === representation) {
      // The same object again: lru-cache recounts a size only when told that the value is new.
      this.#representations.delete(representationKey);
      this.#representations.set(representationKey, representation);
    }
    return variant;
  }
}
