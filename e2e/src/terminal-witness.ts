import type { Redis } from 'ioredis';

const events = '{coinglass}:coinglass-fetch:events';

/** Counts, from the queue's own events, how often each job ended; reads on a connection of its own and from the beginning. */
export class TerminalWitness {
  readonly ends = new Map<string, string[]>();
  readonly #redis: Redis;
  #stopped = false;
  #reading: Promise<void> | undefined;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  start(): void {
    this.#reading = this.#read();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#reading;
  }

  /** Jobs that did not end exactly once. */
  notOnce(jobIds: readonly string[]): string[] {
    return jobIds
      .filter((id) => this.ends.get(id)?.length !== 1)
      .map((id) => `${id}: ${this.ends.get(id)?.join(', ') ?? 'no end'}`);
  }

  async #read(): Promise<void> {
    let after = '0';
    while (!this.#stopped) {
      const read = await this.#redis.xread('COUNT', 1_000, 'BLOCK', 500, 'STREAMS', events, after);
      for (const [, entries] of read ?? []) {
        for (const [id, fields] of entries) {
          after = id;
          const told = Object.fromEntries(
            Array.from({ length: fields.length / 2 }, (_, n) => [fields[2 * n], fields[2 * n + 1]]),
          ) as { event?: string; jobId?: string };
          this.#note(told);
        }
      }
    }
  }

  #note({ event = '', jobId = '' }: { readonly event?: string; readonly jobId?: string }): void {
    if (event !== 'completed' && event !== 'failed') return;
    this.ends.set(jobId, [...(this.ends.get(jobId) ?? []), event]);
  }
}
