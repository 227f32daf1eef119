import type { Team } from '../team.ts';
import { isLive, type RegisterState, type TeamKey } from './records.ts';
import type { TeamRegister } from './register.ts';

/** `keys-made`: from now on keys are asked for. `unreadable`: records that count as absent. */
export type RollEvent =
  | { readonly kind: 'keys-made' }
  | { readonly kind: 'away'; readonly error: unknown }
  | { readonly kind: 'back' }
  | { readonly kind: 'unreadable'; readonly ids: readonly string[] };

export interface TeamRollOptions {
  readonly register: Pick<TeamRegister, 'version' | 'read'>;
  readonly onEvent?: (event: RollEvent) => void;
  /** How often the register is asked whether it has changed: the longest that a revoked key lives on. */
  readonly pollMs?: number;
  /** The shortest time between two looks for keys that the roll does not know. */
  readonly restMs?: number;
  readonly now?: () => number;
}

/**
 * A process's own copy of the register: every look-up is from memory, so a hit costs no round trip and a flood of wrong keys costs Redis
 * no more than a few small reads a second. With Redis away it goes on saying what it last knew; how long that may be believed is the
 * asker's to decide, by `readAt`.
 */
export class TeamRoll {
  readonly #options: Required<TeamRollOptions>;
  #state: RegisterState | undefined;
  #readAt: number | undefined;
  #keysMade: boolean | undefined;
  #away = false;
  #timer: NodeJS.Timeout | undefined;
  #reading: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #startedAt = -Infinity;

  constructor(options: TeamRollOptions) {
    this.#options = {
      onEvent: () => undefined,
      pollMs: 2_000,
      restMs: 250,
      now: Date.now,
      ...options,
    };
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.refresh().catch(() => undefined);
    }, this.#options.pollMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** When the register was last heard (epoch ms); undefined: never. */
  get readAt(): number | undefined {
    return this.#readAt;
  }

  /**
   * Whether keys were ever made; undefined while the register has not been heard. Once true it stays so in this process: a Redis that
   * lost everything does not open a house.
   */
  get keysMade(): boolean | undefined {
    return this.#keysMade;
  }

  get liveKeys(): number {
    const now = this.#options.now();
    return [...(this.#state?.keys.values() ?? [])].filter((key) => isLive(key, now)).length;
  }

  key(id: string): TeamKey | undefined {
    return this.#state?.keys.get(id);
  }

  team(id: string): Team | undefined {
    return this.#state?.teams.get(id);
  }

  get teams(): readonly Team[] {
    return [...(this.#state?.teams.values() ?? [])];
  }

  /** Asks the register whether it has changed. One at a time; rejects when it is away. */
  refresh(): Promise<void> {
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  /**
   * A look that begins after this call, for a key that is not on the roll: it may have been made a moment ago. All who ask in between
   * share one. Rejects when the register is away.
   */
  lookAgain(): Promise<void> {
    this.#next ??= this.#lookLater();
    return this.#next;
  }

  async #lookLater(): Promise<void> {
    const { now, restMs } = this.#options;
    await this.#reading?.catch(() => undefined);
    const waitMs = this.#startedAt + restMs - now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    this.#next = undefined;
    await this.refresh();
  }

  async #read(): Promise<void> {
    const { register, now, onEvent } = this.#options;
    this.#startedAt = now();
    try {
      const known = this.#state;
      if (!known || (await register.version()) !== known.version) this.#take(await register.read());
      this.#readAt = now();
      if (this.#away) onEvent({ kind: 'back' });
      this.#away = false;
    } catch (error) {
      if (!this.#away) onEvent({ kind: 'away', error });
      this.#away = true;
      throw error;
    }
  }

  #take(state: RegisterState): void {
    const { onEvent } = this.#options;
    this.#state = state;
    const keysMade = this.#keysMade === true || state.version !== undefined;
    if (keysMade && this.#keysMade !== true) onEvent({ kind: 'keys-made' });
    this.#keysMade = keysMade;
    if (state.unreadable.length > 0) onEvent({ kind: 'unreadable', ids: state.unreadable });
  }
}
