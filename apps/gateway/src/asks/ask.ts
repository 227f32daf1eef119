import type { Endpoint, Fallback } from '@glasshouse/coinglass-client';
import type { Face } from '@glasshouse/fetch-queue';

/** A request that has been decided: everything that costs nothing is done, what is left is to find or fetch the answer. */
export interface Ask {
  readonly endpoint: Endpoint;
  readonly face: Face;
  /** Native, canonical; after the plan's floor. */
  readonly params: Readonly<Record<string, string>>;
  readonly askedKey: string;
  /** What the caller meant, for `meta.asked`. */
  readonly asked: Readonly<Record<string, string | number>>;
  readonly planFallback?: Fallback;
  /** Refuse an interval other than the asked one. */
  readonly strict: boolean;
  /** Serve only this part of a list that is fetched whole. */
  readonly narrowTo?: string;
}

/** Names the representation of an ask: the same data, asked in other words or for the other face, reads differently. */
export const representationKeyOf = ({ askedKey, face, asked, strict }: Ask): string =>
  `${askedKey}|${face}|${strict ? 'strict' : ''}|${JSON.stringify(asked)}`;
