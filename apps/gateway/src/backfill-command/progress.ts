import type { BackfillView } from '../backfills/backfill-view.ts';
import { plainProgress, progressLine } from './words.ts';

/** As much of a terminal or pipe as is needed. */
export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** How seldom a log is told what a terminal shows all the time. */
const plainEveryMs = 10_000;

/** A bar that is written over on a terminal; elsewhere a plain line now and then. */
export class Progress {
  readonly #output: Output;
  readonly #now: () => number;
  #plainAt = -Infinity;
  #last = '';
  #isAway = false;

  constructor(output: Output, now: () => number = Date.now) {
    this.#output = output;
    this.#now = now;
  }

  show(view: BackfillView): void {
    this.#isAway = false;
    if (this.#output.isTTY === true) {
      this.#over(progressLine(view, this.#now()));
      return;
    }
    const line = plainProgress(view);
    if (line === this.#last || this.#now() - this.#plainAt < plainEveryMs) return;
    this.#plain(line);
  }

  away(): void {
    if (this.#isAway) return;
    this.#isAway = true;
    const line = 'the gateway is away; looking again';
    if (this.#output.isTTY === true) this.#over(line);
    else this.#plain(line);
  }

  end(view: BackfillView): void {
    if (this.#output.isTTY === true) {
      this.#over(progressLine(view, this.#now()));
      this.#output.write('\n');
    } else if (plainProgress(view) !== this.#last) this.#plain(plainProgress(view));
  }

  /** A line that is longer than the terminal would leave its wrapped rest behind. */
  #over(line: string): void {
    this.#output.write(
      `\r\u001b[K${[...line].slice(0, (this.#output.columns ?? 120) - 1).join('')}`,
    );
  }

  #plain(line: string): void {
    this.#plainAt = this.#now();
    this.#last = line;
    this.#output.write(`${line}\n`);
  }
}
