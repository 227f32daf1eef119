const slots = 60;

/** Counts what happened during the last 60 s, second by second, in a ring. */
export class LastMinute {
  readonly #counts = new Int32Array(slots);
  #second = 0;
  #sum = 0;

  add(nowMs: number): void {
    this.#turnTo(Math.floor(nowMs / 1_000));
    const slot = this.#second % slots;
    this.#counts[slot] = (this.#counts[slot] ?? 0) + 1;
    this.#sum += 1;
  }

  sum(nowMs: number): number {
    this.#turnTo(Math.floor(nowMs / 1_000));
    return this.#sum;
  }

  /** Of the running second and the one before it, whichever is more. */
  perSecond(nowMs: number): number {
    this.#turnTo(Math.floor(nowMs / 1_000));
    const before = this.#counts[(this.#second + slots - 1) % slots] ?? 0;
    return Math.max(this.#counts[this.#second % slots] ?? 0, before);
  }

  #turnTo(second: number): void {
    for (
      let passed = Math.min(slots, second - this.#second), at = second - passed + 1;
      passed > 0;
      passed -= 1, at += 1
    ) {
      const slot = at % slots;
      this.#sum -= this.#counts[slot] ?? 0;
      this.#counts[slot] = 0;
    }
    this.#second = Math.max(second, this.#second);
  }
}
