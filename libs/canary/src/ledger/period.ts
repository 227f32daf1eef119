/** Epoch ms of the begin of the period that `at` falls into. */
export const periodBegin = (at: number, periodMs: number): number =>
  Math.floor(at / periodMs) * periodMs;
