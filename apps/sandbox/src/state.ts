import { ShiftableClocks } from './clocks.ts';
import { Rulebook } from './scenarios/rulebook.ts';
import type { Settings } from './settings.ts';
import { Arrivals } from './traffic/arrivals.ts';
import { RequestLimit } from './traffic/limit.ts';

/** Everything that changes while the sandbox runs, shared by the vendor's side, the stream and the control surface. */
export class SandboxState {
  readonly arrivals = new Arrivals();
  readonly limit = new RequestLimit();
  readonly rules = new Rulebook();
  readonly clocks: ShiftableClocks;
  /** The only key accepted; undefined = any that begins with `sandbox`. */
  readonly onlyKey: string | undefined;
  settings: Settings;
  readonly #initial: Settings;

  constructor(
    settings: Settings,
    onlyKey: string | undefined,
    wall: () => number,
    monotonic: () => number,
  ) {
    this.settings = settings;
    this.#initial = settings;
    this.onlyKey = onlyKey;
    this.clocks = new ShiftableClocks(wall, monotonic);
  }

  resetSettings(): void {
    this.settings = this.#initial;
  }

  /** As freshly started, the open connections apart. */
  reset(): void {
    this.resetSettings();
    this.rules.replace([]);
    this.arrivals.forget();
    this.limit.forget();
    this.clocks.offsetMs = 0;
  }
}
