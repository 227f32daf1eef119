import type { House } from './house.ts';
import type { Running } from './processes.ts';

/** Starts a fetcher again whenever it ends, as a supervisor would, until it is told to stop; counts the deaths. */
export class SupervisedFetcher {
  readonly #house: House;
  #running: Running | undefined;
  #stopped = false;
  deaths = 0;

  constructor(house: House) {
    this.#house = house;
  }

  async start(): Promise<void> {
    this.#running = await this.#house.startFetcher();
    this.#running.child.once('exit', () => {
      this.deaths += 1;
      if (!this.#stopped) void this.start().catch(() => undefined);
    });
  }

  get pid(): number | undefined {
    return this.#running?.child.pid;
  }

  output(): string {
    return this.#running?.output() ?? '';
  }

  kill(): void {
    this.#running?.child.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running?.stop();
  }
}
