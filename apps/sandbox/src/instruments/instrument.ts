import type { Coin } from './coins.ts';

/** One contract of one exchange, as the sandbox knows it; what the vendor tells of it is less. */
export interface Instrument {
  readonly exchange: string;
  /** The exchange's own id, which the vendor calls `instrument_id` and wants back verbatim as `symbol`. */
  readonly id: string;
  readonly coin: Coin;
  /** `1000PEPE` where the contract is on a thousand coins. */
  readonly base: string;
  readonly quote: string;
  readonly settlement: string;
  /** How many coins one unit of `base` is. */
  readonly coinsPerBase: number;
  /** Epoch ms; absent for a perpetual. */
  readonly expiresAt?: number;
  readonly listedAt: number;
  /** Its part of the coin's open interest, between 0 and 1. */
  readonly share: number;
  readonly fundingIntervalHours: number;
}
