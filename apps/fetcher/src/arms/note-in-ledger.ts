import type { ArmName, MinuteLedger } from '@glasshouse/canary';
import type { Attempt, AttemptRecord, PermitBook } from '@glasshouse/coinglass-client';
import type { RateLimiter } from '@glasshouse/rate-limiter';
import { trace } from '@opentelemetry/api';

export interface Noted extends PermitBook {
  /** For the wire, as the first byte goes out. */
  readonly sent: (attempt: Pick<Attempt, 'arm' | 'permittedAt'>) => void;
  /** For each sending that has ended; inside its span. */
  readonly attempt: (record: AttemptRecord) => void;
}

/** Writes down what pipeline and wire say of requests, each for itself: more sent than permitted shows a leak. */
export const noteInLedger = (
  ledger: Pick<MinuteLedger, 'permit' | 'permitReturned' | 'sent' | 'throttled' | 'vendorSaid'>,
): Noted => ({
  granted: (arm, at) => ledger.permit(armName(arm), at),
  returned: (arm, at) => ledger.permitReturned(armName(arm), at),
  sent: ({ arm, permittedAt }) => ledger.sent(armName(arm), permittedAt),
  attempt: ({ arm, operation, failureKind, quotaUsed: used, quotaLimit: limit }) => {
    ledger.vendorSaid({
      ...(used !== undefined && { used }),
      ...(limit !== undefined && { limit }),
    });
    if (failureKind !== 'upstream-throttled') return;
    const traceId = trace.getActiveSpan()?.spanContext().traceId;
    ledger.throttled(armName(arm), { operation, traceId });
  },
});

const armName = (arm: string): ArmName => (arm === 'canary' ? 'canary' : 'baseline');

const lookEveryMs = 5_000;

/** Tells the ledger the limit in force, some times in each of its periods. Gives a function that ends it. */
export const followLimit = (
  limiter: Pick<RateLimiter, 'status'>,
  ledger: Pick<MinuteLedger, 'limitInForce'>,
  periodMs: number,
): (() => void) => {
  const look = (): void =>
    void limiter.status().then(
      ({ limit }) => ledger.limitInForce(limit),
      () => undefined,
    );
  const timer = setInterval(look, Math.min(lookEveryMs, Math.ceil(periodMs / 2))).unref();
  return () => clearInterval(timer);
};
