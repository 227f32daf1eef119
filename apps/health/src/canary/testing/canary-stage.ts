import { resolve } from 'node:path';
import {
  CanaryDesk,
  Leadership,
  RunStore,
  type CallCounts,
  type CanaryPlan,
  type CanaryRun,
  type LedgerReader,
  type MinuteCounts,
} from '@glasshouse/canary';
import { withVariant } from '@glasshouse/flags';
import type { PrivateRedis } from '@glasshouse/private-redis';
import { redisReady } from '@glasshouse/service-kit';
import type { Redis } from 'ioredis';
import { CanaryController, type ControllerOptions } from '../controller.ts';
import type { FlagPort } from '../flag-port.ts';
import { redisFlags } from '../redis-flags.ts';

/** The repository's own. */
export const flagsFile = resolve(import.meta.dirname, '../../../../../config/flags.json');

export const minute = 60_000;
/** The begin of a period. */
export const begin = Date.UTC(2026, 10, 25, 12);

export const plan: CanaryPlan = {
  mode: 'two-arm',
  stages: [
    { name: 'smoke', share: 10, dwellMinutes: 2, callsMin: 10 },
    { name: 'half', share: 50, dwellMinutes: 2, callsMin: 10, worseMax: 0.2 },
  ],
  armedMinutes: 2,
  inconclusiveAfterMinutes: 60,
  holdMaxMinutes: 30,
  alpha: 0.01,
  mayDisable: [],
};

const operation = 'futures/open-interest/history';
const none: CallCounts = { ok: 0, auth: 0, params: 0, server: 0 };

/** What both arms did in a minute; by default both are well. */
export const counts = (
  canary: Partial<CallCounts> = { ok: 50 },
  baseline: Partial<CallCounts> = { ok: 50 },
  more: Partial<MinuteCounts> = {},
): Omit<MinuteCounts, 'at'> => {
  const sum = (calls: Partial<CallCounts>): number =>
    Object.values(calls).reduce((total, count) => total + count, 0);
  const requests = (calls: Partial<CallCounts>) => ({
    permits: sum(calls),
    sent: sum(calls),
    throttled: 0,
  });
  return {
    operations: {
      [operation]: { baseline: { ...none, ...baseline }, canary: { ...none, ...canary } },
    },
    requests: { baseline: requests(baseline), canary: requests(canary) },
    vendor: {},
    traces: [{ operation, arm: 'canary', group: 'auth', traceId: 'f'.repeat(32) }],
    ...more,
  };
};

/** A house with a run of the canary, whose clock stands until it is moved. */
export class CanaryStage {
  readonly redis: Redis;
  readonly store: RunStore;
  readonly desk: CanaryDesk;
  readonly flags: FlagPort;
  now = begin;
  /** Digests, one for each fetcher. */
  canaries = ['d'];
  /** What the ledger has of each minute. */
  ledger: (at: number) => Omit<MinuteCounts, 'at'> | undefined = () => counts();

  constructor(readonly server: PrivateRedis) {
    this.redis = this.client();
    this.store = new RunStore({ redis: this.redis });
    this.flags = redisFlags({ redis: this.redis, file: flagsFile });
    this.desk = new CanaryDesk({
      store: this.store,
      flags: () => this.flags.read(),
      ledger: { announcements: () => this.#announcements() },
      now: () => this.now,
    });
  }

  /** Resolves with a connection, and an empty Redis. */
  async ready(): Promise<this> {
    await redisReady(this.redis, 2_000);
    await this.redis.flushall();
    return this;
  }

  /** Gives up at once while Redis is away, as the house's connections do. */
  client(): Redis {
    return this.server.client({ enableOfflineQueue: false, maxRetriesPerRequest: 0 });
  }

  controller(name: string, options: Partial<ControllerOptions> = {}): CanaryController {
    const { redis } = this;
    return new CanaryController({
      store: this.store,
      leadership: new Leadership({ redis, name }),
      flags: this.flags,
      settings: { periodMs: minute, limit: 250 },
      ledger: {
        announcements: () => this.#announcements(),
        minute: (at) => {
          const told = this.ledger(at);
          return Promise.resolve(told && { at, ...told });
        },
      },
      now: () => this.now,
      ...options,
    });
  }

  #announcements(): ReturnType<LedgerReader['announcements']> {
    return Promise.resolve(
      this.canaries.map((digest) => ({
        ...{ instance: digest, at: this.now },
        canary: { digest, options: ['retry'] },
      })),
    );
  }

  async start(chosen = plan): Promise<CanaryRun> {
    return this.desk.start(chosen, { by: 'alice', reason: 'a new retry policy' });
  }

  /** Lets minutes go by, with a pass after each. */
  async minutes(controller: CanaryController, count: number): Promise<void> {
    for (let gone = 0; gone < count; gone += 1) {
      this.now += minute;
      await controller.pass();
    }
  }

  async run(): Promise<CanaryRun> {
    const { run } = await this.store.read();
    if (run === undefined) throw new Error('there is no run');
    return run;
  }

  /** A person changes a flag by hand. */
  async personSets(key: string, variant: string): Promise<void> {
    await this.flags.change((document) => withVariant(document, key, variant), {
      ...{ actor: 'bob', reason: 'by hand', change: key },
    });
  }
}
