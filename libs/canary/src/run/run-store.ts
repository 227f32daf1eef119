import type { Redis, Result } from 'ioredis';
import type { Lease } from './leadership.ts';
import { runKeys } from './redis-keys.ts';
import type { CanaryRun, Tick } from './run.ts';
import { changeScript } from './scripts.ts';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    glasshouseCanaryChange(
      ...args: (string | number)[]
    ): Result<[state: Changing, version: number], Context>;
  }
}

/** `conflict`: it has changed since it was read. `fenced`: the controller that writes does not lead any more. */
export type Changing = 'changed' | 'conflict' | 'fenced';

/** The record as it stood at one moment; version 0: there has never been a run. */
export interface RunReading {
  readonly version: number;
  readonly run?: CanaryRun;
}

/** A run and its ticks are kept for so long after the last thing that happened to it. */
export const runKeptMs = 30 * 24 * 3_600_000;
export const runsRememberedMax = 20;
/** A tick takes 2 to 4 kB; a run of two hours has some 150. */
export const ticksKeptMax = 1_000;

/** The record of the run in Redis, changed by compare-and-set alone. Rejects with ioredis' errors. */
export class RunStore {
  readonly #redis: Redis;

  constructor({ redis }: { readonly redis: Redis }) {
    this.#redis = redis;
    redis.defineCommand('glasshouseCanaryChange', { numberOfKeys: 5, lua: changeScript });
  }

  async read(): Promise<RunReading> {
    const [version, run] = await this.#redis.hmget(runKeys.current, 'version', 'run');
    return {
      version: Number(version ?? 0),
      ...(typeof run === 'string' && { run: JSON.parse(run) as CanaryRun }),
    };
  }

  /** Writes the record and its ticks together, or neither. A controller shows its lease; a person has none. */
  async change(
    readVersion: number,
    run: CanaryRun,
    ticks: readonly Tick[],
    lease?: Lease,
  ): Promise<{ readonly state: Changing; readonly version: number }> {
    const [state, version] = await this.#redis.glasshouseCanaryChange(
      runKeys.current,
      runKeys.leader,
      runKeys.runs,
      runKeys.run(run.id),
      runKeys.ticks(run.id),
      readVersion,
      lease?.text ?? '',
      run.id,
      JSON.stringify(run),
      runKeptMs,
      runsRememberedMax,
      ticksKeptMax,
      runKeys.run(''),
      ...ticks.map((tick) => JSON.stringify(tick)),
    );
    return { state, version };
  }

  /** A run that is remembered. */
  async find(id: string): Promise<CanaryRun | undefined> {
    // A word of a caller is no key of Redis before it is known.
    if (!(await this.ids()).includes(id)) return undefined;
    const text = await this.#redis.get(runKeys.run(id));
    return text === null ? undefined : (JSON.parse(text) as CanaryRun);
  }

  /** Ids of the runs that are remembered, the newest first. */
  async ids(): Promise<readonly string[]> {
    return this.#redis.lrange(runKeys.runs, 0, -1);
  }

  /** The last things that happened in a run, the newest last. */
  async ticks(id: string, atMost = ticksKeptMax): Promise<readonly Tick[]> {
    const entries = await this.#redis.xrevrange(runKeys.ticks(id), '+', '-', 'COUNT', atMost);
    return entries.map(([, fields]) => JSON.parse(fields[1] ?? '') as Tick).reverse();
  }

  /** Token and name of the controller that leads; undefined when none does. */
  async leader(): Promise<string | undefined> {
    return (await this.#redis.get(runKeys.leader)) ?? undefined;
  }
}
