import { Failure } from './failures.ts';
import type { PermitWait } from './pipeline/permits.ts';

/** Why somebody who cannot wait for a permit goes without, with the time it would have taken. */
export const noPermitInTime = (because: PermitWait['because'], retryAfterMs: number): Failure => {
  switch (because) {
    case 'pause':
      return new Failure('upstream-throttled', 'CoinGlass has throttled us past the deadline', {
        retryAfterMs,
      });
    case 'team-quota':
      return new Failure('team-quota', 'The team has no permit left before the deadline', {
        retryAfterMs,
      });
    case 'limit':
    case 'state-lost':
      return new Failure('queue-full', 'No permit falls free before the deadline', {
        retryAfterMs,
      });
  }
};
