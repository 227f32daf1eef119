/** The three times the sandbox lives by. All in ms. */
export interface Clocks {
  /** Epoch time of the candles: the real clock plus the offset that the control surface sets. */
  market(): number;
  /** Epoch time of arrivals and of the clock-aligned limit: never shifted. */
  wall(): number;
  /** For the sliding limit: never jumps. */
  monotonic(): number;
}

export class ShiftableClocks implements Clocks {
  offsetMs = 0;

  constructor(
    readonly wall: () => number,
    readonly monotonic: () => number,
  ) {}

  market(): number {
    return this.wall() + this.offsetMs;
  }
}
