import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '@glasshouse/coinglass-client';
import {
  storeUnavailable,
  type BackfillStore,
  type PageLease,
  type PageLeases,
} from '@glasshouse/fetch-queue';
import type { Logger } from '@glasshouse/service-kit';
import type { FetchDesk } from '../fetch/fetch-desk.ts';
import { countSpending, permitsSpent } from '../fetch/spending.ts';
import { pageFateOf, PageStopped, triesMax, type PageFate } from './page-fate.ts';
import type { PageFetch, PageFetchParts, PageTerms } from './page-fetch.ts';
import { inPageSpan, type PageOutcome } from './page-span.ts';
import { intervalRefusal } from './served-interval.ts';

export interface PageRunnerParts {
  readonly leases: PageLeases;
  readonly store: BackfillStore;
  readonly fetchPage: PageFetch;
  /** For asking which interval works when one is refused. */
  readonly desk: Pick<FetchDesk, 'fetch'>;
  /** The arm of what is fetched for everybody. */
  readonly standing: PageFetchParts['standing'];
  readonly leaseMs: number;
  readonly storeAgainMs: number;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly now: () => number;
  readonly random: () => number;
}

/** One run holds a place among the few pages that run at once; who needs longer comes back. */
const runMaxMs = 60_000;
const storeTriesMax = 30;
/** With nothing stored, so many lost pages are enough to see that no other will fare better. */
const lostAtOnceMax = 3;

/** Fetches a leased page and ends the lease in exactly one way: stored, lost, given back, or with the whole backfill. */
export class PageRunner {
  readonly #parts: PageRunnerParts;

  constructor(parts: PageRunnerParts) {
    this.#parts = parts;
  }

  /** Never rejects: what Redis cannot be told now, the lease's end will tell. */
  async run(lease: PageLease, stop: AbortController): Promise<void> {
    const { leases, logger, leaseMs } = this.#parts;
    const startedAt = performance.now();
    const { order, page, tries } = lease;
    const about = { event: 'backfill.page', backfill: order.id, team: order.team.id, page, tries };
    const renewing = setInterval(() => {
      leases.renew(lease).then(
        (ours) => ours || stop.abort(new PageStopped('not-ours')),
        () => undefined,
      );
    }, leaseMs / 3);
    try {
      const outcome = await inPageSpan(order, () =>
        countSpending(() => this.#fetch(lease, stop.signal)),
      );
      const durationMs = Math.round(performance.now() - startedAt);
      logger.info({ ...about, ...outcome, durationMs }, 'a page of a backfill ended');
    } catch (thrown) {
      logger.warn({ ...about, err: thrown }, 'a page of a backfill was left to its lease');
    } finally {
      clearInterval(renewing);
    }
  }

  async #fetch(lease: PageLease, signal: AbortSignal): Promise<PageOutcome> {
    const { leases, fetchPage, now } = this.#parts;
    const terms = { deadlineAt: now() + runMaxMs, signal };
    try {
      if (lease.tries > triesMax) throw endsItsWorker();
      const { facts, lines } = await fetchPage(lease, terms);
      const outcome = await this.#keep(() => leases.store(lease, facts, lines), signal);
      return { outcome, rows: facts.rows, permits: facts.permits };
    } catch (thrown) {
      return this.#settle(this.#fateOf(thrown, lease, signal), lease, terms);
    }
  }

  /** What was fetched is paid for: a Redis that is full or read-only for a while is waited for. */
  async #keep<T>(store: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await store();
      } catch (thrown) {
        if (tries === storeTriesMax || signal.aborted) throw storeUnavailable(thrown);
        await delay(this.#parts.storeAgainMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** An aborted fetch may reject with anything; what counts is why it was aborted. */
  #fateOf(thrown: unknown, { tries, scout }: PageLease, signal: AbortSignal): PageFate {
    const reason: unknown = signal.aborted ? signal.reason : thrown;
    const fate = pageFateOf(reason, { tries, scout, random: this.#parts.random() });
    if ('failure' in fate && fate.failure.kind === 'internal') {
      this.#parts.logger.error({ event: 'backfill.bug', err: reason }, 'a bug lost a page');
    }
    return fate;
  }

  async #settle(fate: PageFate, lease: PageLease, terms: PageTerms): Promise<PageOutcome> {
    const { leases } = this.#parts;
    switch (fate.then) {
      case 'let-go':
        return { outcome: 'not-ours' };
      case 'again': {
        const permits = permitsSpent();
        await leases.postpone(lease, { ...fate, permits });
        const { waitMs, because } = fate;
        return { outcome: 'postponed', waitMs, permits, ...(because !== undefined && { because }) };
      }
      case 'lose':
        return this.#lose(fate.failure, lease);
      case 'stop':
        return this.#stop(fate.failure, lease);
      case 'ask-interval':
        return this.#askInterval(fate.failure, lease, terms);
    }
  }

  async #askInterval(failure: Failure, lease: PageLease, terms: PageTerms): Promise<PageOutcome> {
    try {
      const { desk, standing } = this.#parts;
      const asking = { ...terms, arm: await standing() };
      const refusal = await intervalRefusal(desk, lease, asking, failure);
      return await (refusal ? this.#stop(refusal, lease) : this.#lose(failure, lease));
    } catch (thrown) {
      const fate = this.#fateOf(thrown, lease, terms.signal);
      // Not a second time: the desk has climbed already.
      return this.#settle(
        fate.then === 'ask-interval' ? { then: 'stop', failure } : fate,
        lease,
        terms,
      );
    }
  }

  async #lose(failure: Failure, lease: PageLease): Promise<PageOutcome> {
    const { leases, store, now } = this.#parts;
    const permits = permitsSpent();
    await leases.lose(lease, {
      state: 'lost',
      failure: failure.toRecord(),
      permits,
      fetchedAt: now(),
    });
    const backfill = lease.scout ? await store.find(lease.order.id) : undefined;
    if (backfill?.done === 0 && backfill.lost >= lostAtOnceMax) {
      await store.end(lease.order.id, 'failed', { failure: failure.toRecord() });
    }
    return { outcome: 'lost', kind: failure.kind, permits };
  }

  async #stop(failure: Failure, { order }: PageLease): Promise<PageOutcome> {
    const permits = permitsSpent();
    await this.#parts.store.end(order.id, 'failed', { failure: failure.toRecord(), permits });
    return { outcome: 'backfill-failed', kind: failure.kind, permits };
  }
}

const endsItsWorker = (): Failure =>
  new Failure(
    'poison-job',
    `The page ended its worker, or was left without a word, ${triesMax} times`,
  );
