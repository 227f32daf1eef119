import type { Plan } from '@glasshouse/coinglass-client';
import type { Instruments } from '@glasshouse/fetch-queue';

/** What deciding a request needs to know of the world. */
export interface Deciding {
  readonly upstream: { readonly origin: string; readonly plan: Plan };
  /** Waits until a deadline in epoch ms. */
  readonly instruments: Pick<Instruments<number>, 'lookUp'>;
  /** Epoch ms. */
  readonly now: number;
  readonly deadlineAt: number;
}
