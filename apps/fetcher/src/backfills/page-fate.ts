import { asFailure, Postponed, type Failure } from '@glasshouse/coinglass-client';

/** Why a page under way is stopped: `go-back` = the process stops, `not-ours` = its lease ran out or its backfill is over. */
export class PageStopped extends Error {
  override readonly name = 'PageStopped';
  readonly how: 'go-back' | 'not-ours';

  constructor(how: 'go-back' | 'not-ours') {
    super(how === 'go-back' ? 'the fetcher stops' : 'the page is not ours any more');
    this.how = how;
  }
}

/** What becomes of a page that was not fetched. */
export type PageFate =
  /** Given up: a gap with a reason, and the rest goes on. */
  | { readonly then: 'lose'; readonly failure: Failure }
  | {
      readonly then: 'again';
      readonly waitMs: number;
      readonly because?: string;
      /** The page was not to blame. */
      readonly noTry: boolean;
      /** It may be the vendor and not the page: the others hold back until one page tells. */
      readonly vendorAway: boolean;
    }
  /** The whole backfill ends: every other page would hear the same. */
  | { readonly then: 'stop'; readonly failure: Failure }
  /** Is it the interval, or only this page? One small request tells. */
  | { readonly then: 'ask-interval'; readonly failure: Failure }
  | { readonly then: 'let-go' };

export interface PageTried {
  /** This one included. */
  readonly tries: number;
  /** No page of the backfill has been answered yet. */
  readonly scout: boolean;
  /** In [0, 1): the jitter. */
  readonly random: number;
}

/** With waits of 2 s doubling to 60 s a page is given up after about four minutes. */
export const triesMax = 8;
const retryFirstMs = 2_000;
const retryMaxMs = 60_000;
/** What is unreadable once will hardly be readable soon. */
const unreadableTriesMax = 3;
const storeAwayMs = 2_000;
const switchedOffMs = 15_000;
const shortlyMs = 1_000;

/** Decides only. A vendor that is away delays a page, one that says no to it makes a gap, one that says no to us ends the backfill. */
export const pageFateOf = (thrown: unknown, { tries, scout, random }: PageTried): PageFate => {
  if (thrown instanceof PageStopped) {
    return thrown.how === 'not-ours' ? { then: 'let-go' } : notItsFault(0);
  }
  if (thrown instanceof Postponed) return notItsFault(thrown.waitMs, thrown.because);
  const failure = asFailure(thrown);
  const untilTries = (most: number): PageFate =>
    tries < most
      ? {
          then: 'again',
          waitMs: retryMs(tries, random),
          because: failure.kind,
          noTry: false,
          vendorAway: failure.kind === 'upstream-unavailable',
        }
      : { then: 'lose', failure };
  switch (failure.kind) {
    case 'upstream-throttled':
    case 'queue-full':
    case 'team-quota':
      return notItsFault(failure.retryAfterMs ?? shortlyMs, failure.kind);
    case 'store-unavailable':
      return notItsFault(storeAwayMs, failure.kind);
    case 'endpoint-disabled':
    case 'egress-disabled':
      return notItsFault(switchedOffMs, failure.kind);
    case 'upstream-unavailable':
    case 'deadline-passed':
      return untilTries(triesMax);
    case 'upstream-malformed':
    case 'internal':
      return untilTries(unreadableTriesMax);
    case 'upstream-credentials':
    case 'plan-not-entitled':
      return { then: 'stop', failure };
    case 'unknown-instrument':
      return { then: scout ? 'stop' : 'lose', failure };
    case 'interval-not-available':
      return { then: scout || saysPlan(failure) ? 'ask-interval' : 'lose', failure };
    default:
      return { then: 'lose', failure };
  }
};

const notItsFault = (waitMs: number, because?: string): PageFate => ({
  then: 'again',
  waitMs,
  noTry: true,
  vendorAway: false,
  ...(because !== undefined && { because }),
});

/** Between half and all of a doubling bound. */
const retryMs = (tries: number, random: number): number => {
  const boundMs = Math.min(retryMaxMs, retryFirstMs * 2 ** (tries - 1));
  return Math.round(boundMs / 2 + (random * boundMs) / 2);
};

/** A 403 is about the plan's interval, which no other page has either; a 422 may be about this page. */
const saysPlan = ({ upstream }: Failure): boolean =>
  upstream?.status === 403 || upstream?.code === '403';
