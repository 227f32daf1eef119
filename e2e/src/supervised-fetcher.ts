import { once } from 'node:events';
import type { House } from './house.ts';
import { until, type Running } from './processes.ts';

/** Starts a fetcher again whenever it ends, as a supervisor would, until it is told to stop; counts the deaths. */
export class SupervisedFetcher {
  readonly #house: House;
  #running: Running | undefined;
  #port = 0;
  #stopped = false;
  deaths = 0;

  constructor(house: House) {
    this.#house = house;
  }

  async start(): Promise<void> {
    const { running, port } = await this.#house.spawnFetcher();
    this.#running = running;
    this.#port = port;
    running.child.once('exit', () => {
      this.deaths += 1;
      if (!this.#stopped) void this.start();
    });
  }

  /** The one that runs now; waits until it takes jobs. */
  async running(): Promise<Running> {
    const ready = (): Promise<boolean> =>
      this.#house.get('/readyz', {}, this.#port).then(
        ({ status }) => status === 200,
        () => false,
      );
    await until('a fetcher takes jobs', ready, 60_000);
    return this.#running!;
  }

  async kill(): Promise<void> {
    const { child } = await this.running();
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** Asks it to stop; its exit code and how long it took. */
  async terminate(): Promise<{ readonly code: number | null; readonly tookMs: number }> {
    const running = await this.running();
    const askedAt = performance.now();
    const code = await running.stop('SIGTERM');
    return { code, tookMs: performance.now() - askedAt };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running?.stop();
  }
}
