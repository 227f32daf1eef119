import { askIdOf, type FetchRequests } from '@glasshouse/fetch-queue';
import { LRUCache } from 'lru-cache';
import type { Ask } from '../asks/ask.ts';
import type { StaleReason } from '../representations/meta.ts';

/** After a refresh failed, the same question is not sent again for this long: a vendor that is down is not asked per reader. */
const restMs = 10_000;

/** A refresh that takes longer is of no use: by then another reader has come. It also ends the queue's own trying again. */
const deadlineMs = 10_000;

interface Rest {
  readonly until: number;
  readonly reason: StaleReason;
}

export interface RefresherParts {
  readonly requests: Pick<FetchRequests, 'refresh'>;
  readonly traceparent: () => string | undefined;
  readonly now?: () => number;
}

/** Has stale answers renewed on spare quota, one job per question, and knows why one is still stale. */
export class Refresher {
  readonly #parts: Required<RefresherParts>;
  readonly #rests = new LRUCache<string, Rest>({ max: 10_000 });
  readonly #running = new LRUCache<string, number>({ max: 10_000 });

  constructor(parts: RefresherParts) {
    this.#parts = { now: Date.now, ...parts };
  }

  /** Starts a refresh unless one is under way or has just failed; says why the answer at hand is stale. It is on the account of the team that read it first. */
  refresh(ask: Ask, team: string): StaleReason {
    const { requests, traceparent, now } = this.#parts;
    const askId = askIdOf(ask.askedKey, { strict: ask.strict, fresh: false });
    const rest = this.#rests.get(askId);
    if (rest && now() < rest.until) return rest.reason;
    const runningSince = this.#running.get(askId);
    if (runningSince === undefined || now() - runningSince > 60_000) {
      this.#running.set(askId, now());
      const fail = (reason: StaleReason, retryAfterMs = 0): void => {
        this.#rests.set(askId, { until: now() + Math.max(restMs, retryAfterMs), reason });
      };
      const parent = traceparent();
      requests
        .refresh(
          {
            v: 1,
            endpoint: ask.endpoint.id,
            params: ask.params,
            strict: ask.strict,
            team,
            deadlineAt: now() + deadlineMs,
            ...(parent && { traceparent: parent }),
          },
          {
            askId,
            onEnd: (outcome) => {
              this.#running.delete(askId);
              if (outcome.state === 'failed')
                fail(outcome.failure.kind, outcome.failure.retryAfterMs);
              else this.#rests.delete(askId);
            },
          },
        )
        .catch(() => {
          this.#running.delete(askId);
          fail('store-unavailable');
        });
    }
    return rest?.reason ?? 'revalidating';
  }
}
