import type { Stage } from './stage.ts';

export type Say = (line: string) => void;

/** What the run says of itself, as `GET /v1/canary` tells it. */
export interface RunSeen {
  readonly status: string;
  readonly because?: string;
  readonly stage: number;
  readonly share: number;
  readonly words: string;
  readonly events: readonly { readonly what: string; readonly words: string }[];
  readonly decision?: { readonly kind: string; readonly operation?: string };
}

/** Something that is done to the house once: after so many judged minutes, or once the canary is promoted. */
export interface Incident {
  readonly after: number | 'promotion';
  readonly what: string;
  /** Throws when the house does not do what it must meanwhile; `say` tells what it does. */
  readonly happens: (stage: Stage, say: Say) => Promise<void>;
}

export interface DemoScenario {
  readonly name: string;
  readonly what: string;
  /** In what the canary differs, as its file says it; `other` is the URL of a vendor of its own. */
  readonly canary?: (other: string) => Record<string, unknown>;
  /** The canary's own vendor knows another key. */
  readonly otherKey?: boolean;
  /** The canary's client sends one request in two without a permit: a fault planted in the fetcher as it is loaded. */
  readonly leaks?: boolean;
  readonly redisKeeps?: boolean;
  readonly readsPerMinute?: number;
  /** Before the first minute. */
  readonly prepare?: (stage: Stage) => Promise<void>;
  readonly incidents?: readonly Incident[];
  readonly expects: {
    readonly status: 'finished' | 'rolled-back' | 'inconclusive';
    /** One of these reasons. */
    readonly because?: readonly string[];
    /** In the sentence that says why. */
    readonly names?: string;
    /** Why it stood still on its way. */
    readonly held?: string;
  };
}
