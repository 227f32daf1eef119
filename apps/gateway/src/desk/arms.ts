import { newJobId, type DrawnCall } from '@glasshouse/fetch-queue';
import { drawArm, standingArm, type Flags } from '@glasshouse/flags';

/** How soon a promotion, and more so a rollback, is seen by what cannot wait for a flag to be read. */
const lookEveryMs = 250;

/** The arms of the canary as the gateway needs them: one draw for each call it has fetched, and whose answers may be served. */
export class Arms {
  readonly #flags: Pick<Flags, 'string'>;
  #canarySettled = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(flags: Pick<Flags, 'string'>) {
    this.#flags = flags;
  }

  /** Resolves once the flag has been looked at for the first time. */
  async start(): Promise<void> {
    this.#timer = setInterval(() => void this.look(), lookEveryMs);
    this.#timer.unref();
    await this.look();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Never rejects. */
  async draw(): Promise<DrawnCall> {
    const id = newJobId();
    const drawn = await drawArm(this.#flags, id);
    // As good as a look, and in time: what this very call has fetched lies where the draw says.
    this.#canarySettled = drawn.settled && drawn.arm === 'canary';
    return { id, ...drawn };
  }

  /**
   * Whether what lies in the common place may be served. What the canary fetched may only as long as the canary is settled: once it has
   * been rolled back, nobody is to see more of it.
   */
  readonly serves = ({ arm }: { readonly arm?: 'canary' }): boolean =>
    arm === undefined || this.#canarySettled;

  async look(): Promise<void> {
    this.#canarySettled = (await standingArm(this.#flags)) === 'canary';
  }
}
