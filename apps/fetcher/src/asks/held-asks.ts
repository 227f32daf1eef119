import type { TakenAsk } from '@glasshouse/fetch-queue';

/** One ask of this fetcher: it runs, or it waits for the moment to run again. */
interface Held {
  readonly ask: TakenAsk;
  /** Calls the waiting off; absent while it runs. */
  readonly cancel?: () => void;
}

/** What this fetcher has in hand. */
export class HeldAsks {
  readonly #held = new Map<string, Held>();
  #running = 0;
  #onChange: (() => void)[] = [];

  get size(): number {
    return this.#held.size;
  }

  get running(): number {
    return this.#running;
  }

  all(): TakenAsk[] {
    return [...this.#held.values()].map(({ ask }) => ask);
  }

  has(entry: string): boolean {
    return this.#held.has(entry);
  }

  isWaiting(entry: string): boolean {
    return this.#held.get(entry)?.cancel !== undefined;
  }

  run(ask: TakenAsk): void {
    this.#set({ ask });
  }

  /** `again` is called after `delayMs`, unless the ask is dropped before. */
  wait(ask: TakenAsk, delayMs: number, again: () => void): void {
    const timer = setTimeout(again, Math.max(0, delayMs));
    this.#set({ ask, cancel: () => clearTimeout(timer) });
  }

  drop(entry: string): void {
    const held = this.#held.get(entry);
    if (!held) return;
    held.cancel?.();
    this.#held.delete(entry);
    if (!held.cancel) this.#running -= 1;
    this.#tell();
  }

  /** Resolves when fewer run, or less is held, than at the moment. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#onChange.push(resolve));
  }

  #set(next: Held): void {
    const before = this.#held.get(next.ask.entry);
    before?.cancel?.();
    this.#running += (next.cancel ? 0 : 1) - (before && !before.cancel ? 1 : 0);
    this.#held.set(next.ask.entry, next);
    this.#tell();
  }

  #tell(): void {
    for (const resolve of this.#onChange.splice(0)) resolve();
  }
}
