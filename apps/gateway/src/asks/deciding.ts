import type { Plan } from '@glasshouse/coinglass-client';
import type { Instruments } from '../desk/instruments.ts';

/** What deciding a request needs to know of the world. */
export interface Deciding {
  readonly upstream: { readonly origin: string; readonly plan: Plan };
  readonly instruments: Pick<Instruments, 'lookUp'>;
  /** Epoch ms. */
  readonly now: number;
  readonly deadlineAt: number;
}
