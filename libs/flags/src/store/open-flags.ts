import type { Redis } from 'ioredis';
import { checkDocument } from '../document/check-document.ts';
import type { FlagDocument } from '../document/flag-document.ts';
import { followFlagsFile } from '../follow-flags-file.ts';
import { createFlags, readFlagsFile } from '../flags.ts';
import type { Flags, FlagsLogger } from '../flags.ts';
import { FlagsError } from '../flags-error.ts';
import type { FlagProblem } from '../flags-error.ts';
import { completed } from './completed.ts';
import { FlagStore } from './flag-store.ts';
import { LastKnownGood, placeOf } from './last-known-good.ts';
import { redisKeys } from './redis-keys.ts';
import type { StoredFlags } from './records.ts';

/** Where the flags in force come from. */
export interface FlagsSource {
  readonly from: 'redis' | 'last-known-good' | 'file';
  /** Of the document in Redis; absent for the file. */
  readonly version?: number;
  /** True: Redis could not be asked lately, so that a newer document may wait there. */
  readonly stale: boolean;
  /** Since Redis was last asked with success; absent while it can be asked. */
  readonly staleForMs?: number;
  /** A document in Redis that cannot be used; what was in force before it still is. */
  readonly refused?: { readonly version: number; readonly problems: readonly FlagProblem[] };
}

export interface OpenFlags extends Flags {
  readonly source: () => FlagsSource;
}

export interface OpenFlagsOptions {
  /** The defaults, a JSON file; in force, and followed, while Redis has no document. A file that cannot be used is thrown. */
  readonly file: string;
  readonly redis: Redis;
  /** A connection for channels, of its own or shared with others who listen. */
  readonly subscriber: Redis;
  /** Written whenever a document of Redis comes into force, read when Redis cannot be asked. */
  readonly lastKnownGoodFile: string;
  readonly endpointIds: readonly string[];
  readonly logger: FlagsLogger;
  /** How often Redis is asked for the version, beside the notice it gives: notices get lost. */
  readonly pollMs?: number;
  /** How long a start waits for Redis before it begins with what is on the disk. */
  readonly startWithinMs?: number;
  readonly now?: () => number;
}

/**
 * The flags of a process: the document in Redis before the last one known, before the file of defaults. Reading and starting never wait
 * for Redis beyond `startWithinMs`; throws a `FlagsError` only when the defaults cannot be used.
 */
export const openFlags = async (options: OpenFlagsOptions): Promise<OpenFlags> => {
  const followed = new FollowedFlags(options);
  await followed.begin(options.startWithinMs ?? 1_000);
  return followed.opened();
};

interface Seen {
  readonly version: number;
  readonly sha256: string;
}

const restorer = 'restore';

/**
 * Of several processes that put a lost document back the first one may have known an older one. What is put back is greater by one than
 * what its writer knew, so each time the greater knowledge wins, and this ends.
 */
const isRestoredFromOlder = (stored: StoredFlags, held: StoredFlags): boolean =>
  stored.actor === restorer && stored.version <= held.version && !isSame(stored, held);

const none: Seen = { version: 0, sha256: '' };
const isSame = (a: Seen | undefined, b: Seen): boolean =>
  a?.version === b.version && a.sha256 === b.sha256;

class FollowedFlags {
  readonly #options: OpenFlagsOptions;
  readonly #logger: FlagsLogger;
  readonly #now: () => number;
  readonly #store: FlagStore;
  readonly #lastKnownGood: LastKnownGood;
  readonly #flags: Flags;
  readonly #unfollowFile: () => void;
  #defaults: FlagDocument;
  #from: FlagsSource['from'] = 'file';
  #held: StoredFlags | undefined;
  /** What Redis held when it was last asked. */
  #seen: Seen | undefined;
  #refused: FlagsSource['refused'];
  #askedAt: number;
  #stale = false;
  #looking: Promise<void> | undefined;
  #again = false;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: OpenFlagsOptions) {
    const { file, redis, lastKnownGoodFile, endpointIds, logger, now = Date.now } = options;
    this.#options = options;
    this.#logger = logger;
    this.#now = now;
    this.#askedAt = now();
    this.#store = new FlagStore({ redis, endpointIds, now });
    this.#lastKnownGood = new LastKnownGood(lastKnownGoodFile, placeOf(redis));
    this.#defaults = this.#checked(readFlagsFile(file));
    this.#flags = createFlags({ document: this.#defaults, endpointIds, logger, now });
    this.#unfollowFile = followFlagsFile({ replace: (next) => this.#followFile(next) }, file, {
      logger,
    });
  }

  async begin(withinMs: number): Promise<void> {
    const { redis, subscriber, pollMs = 5_000 } = this.#options;
    redis.on('ready', this.#look);
    subscriber.on('message', this.#hear);
    // Subscribed again by ioredis after an outage; what was missed is polled for.
    subscriber.subscribe(redisKeys.changed).catch(() => undefined);
    this.#timer = setInterval(this.#look, pollMs).unref();
    await soon(redis.status === 'ready' ? this.#lookOnce() : this.#firstLook(redis), withinMs);
    if (this.#seen === undefined) {
      this.#setStale();
      await this.#takeLastKnownGood();
    }
  }

  opened(): OpenFlags {
    return { ...this.#flags, source: () => this.#source(), close: () => this.#close() };
  }

  #source(): FlagsSource {
    return {
      from: this.#from,
      ...(this.#held && { version: this.#held.version }),
      stale: this.#stale,
      ...(this.#stale && { staleForMs: this.#now() - this.#askedAt }),
      ...(this.#refused && { refused: this.#refused }),
    };
  }

  #close(): void {
    this.#closed = true;
    const { redis, subscriber } = this.#options;
    clearInterval(this.#timer);
    this.#unfollowFile();
    redis.off('ready', this.#look);
    subscriber.off('message', this.#hear);
    subscriber.unsubscribe(redisKeys.changed).catch(() => undefined);
    this.#flags.close();
  }

  readonly #hear = (channel: string): void => {
    if (channel === redisKeys.changed) this.#look();
  };

  readonly #look = (): void => void this.#lookOnce();

  #firstLook(redis: Redis): Promise<void> {
    return new Promise((resolve) => {
      redis.once('ready', () => void this.#lookOnce().then(resolve));
    });
  }

  /** One look at a time; who asks during one gets another after it, since that one may have read too early. */
  #lookOnce(): Promise<void> {
    this.#again = this.#looking !== undefined;
    this.#looking ??= this.#lookUntilDone().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #lookUntilDone(): Promise<void> {
    do {
      this.#again = false;
      try {
        await this.#ask();
      } catch (error) {
        if (this.#closed) return;
        this.#setStale(error);
      }
    } while (this.#again && !this.#closed);
  }

  async #ask(): Promise<void> {
    const seen = await this.#store.version();
    if (!isSame(this.#seen, seen)) await this.#takeWhatIsThere(seen);
    // A document that Redis has not, though somebody wrote it, is tried to be put back at each look.
    else if (seen.version === 0 && this.#held) await this.#restore(this.#held);
    this.#setFresh();
  }

  async #takeWhatIsThere(seen: Seen): Promise<void> {
    try {
      const stored = await this.#store.read();
      if (this.#closed) return;
      if (stored) await this.#take(stored);
      else await this.#takeNothing();
      this.#seen = stored ?? none;
    } catch (error) {
      if (!(error instanceof FlagsError)) throw error;
      await this.#refuse(seen, error);
      this.#seen = seen;
    }
  }

  async #take(stored: StoredFlags): Promise<void> {
    if (this.#held && isRestoredFromOlder(stored, this.#held))
      return this.#restore(this.#held, stored.version);
    const document = completed(stored, this.#defaults, this.#store.knownKeys);
    const changed = this.#flags.replace(document);
    const { version, actor } = stored;
    if (this.#held && version < this.#held.version) {
      const fields = { event: 'flags.went-back', from: this.#held.version, to: version };
      this.#logger.warn(fields, `Redis has an older flag document, ${version}: it is used`);
    }
    this.#from = 'redis';
    this.#held = { ...stored, document };
    this.#refused = undefined;
    this.#logger.info(
      { event: 'flags.changed', version, actor, changed },
      `flags version ${version} by ${actor}: ${changed.join(', ') || 'nothing new'}`,
    );
    if (document === stored.document) await this.#save(stored);
    else await this.#complete(stored, document);
  }

  /** For everybody who reads it, also those of an earlier release. */
  async #complete({ version, document: lacking }: StoredFlags, document: FlagDocument) {
    const keys = this.#store.knownKeys.filter((key) => !Object.hasOwn(lacking.flags, key));
    await this.#write({
      expectedVersion: version,
      document,
      actor: 'upgrade',
      reason: 'this release knows flags that the document lacked',
      change: keys.length > 3 ? `add ${keys.length} flags` : `add ${keys.join(', ')}`,
    });
  }

  /** Redis answers and has no document: nobody has written one yet, or it lost what it had. */
  async #takeNothing(): Promise<void> {
    if (!this.#held) await this.#takeLastKnownGood();
    if (this.#held) await this.#restore(this.#held);
  }

  async #restore({ version, document }: StoredFlags, over = 0): Promise<void> {
    const fields = { event: 'flags.lost', version };
    this.#logger.warn(fields, `Redis has lost the flag document: version ${version} is put back`);
    await this.#write({
      expectedVersion: over,
      aboveVersion: version,
      document,
      actor: restorer,
      reason: 'Redis had lost the flag document',
      change: `restore version ${version}`,
    });
  }

  /** What this process writes on its own account is in force here already; if it cannot be written, here alone. */
  async #write(write: Parameters<FlagStore['write']>[0]): Promise<void> {
    try {
      await this.#store.write(write);
      this.#again = true;
    } catch (error) {
      this.#logger.warn(
        { event: 'flags.not-written', err: error },
        `the flag document could not be written (${write.change}): it is in force in this process alone`,
      );
    }
  }

  async #refuse({ version }: Seen, error: FlagsError): Promise<void> {
    this.#refused = { version, problems: error.problems };
    if (!this.#held) await this.#takeLastKnownGood();
    this.#logger.error(
      { event: 'flags.refused', version, problems: error.problems },
      `the flag document in Redis is not used, the one before it stays in force: ${error.message}`,
    );
  }

  async #takeLastKnownGood(): Promise<void> {
    try {
      const good = await this.#lastKnownGood.read();
      // Redis may have answered meanwhile.
      if (!good || this.#held) return;
      const document = completed(good, this.#defaults, this.#store.knownKeys);
      this.#flags.replace(document);
      this.#from = 'last-known-good';
      this.#held = { ...good, document };
      this.#logger.warn(
        { event: 'flags.last-known-good', version: good.version },
        `flags version ${good.version} of ${this.#lastKnownGood.file} is in force`,
      );
    } catch (error) {
      if (!(error instanceof FlagsError)) throw error;
      this.#logger.warn(
        { event: 'flags.last-known-good-skipped', problems: error.problems },
        `the last known good flags are passed over: ${error.message}`,
      );
    }
  }

  async #save(stored: StoredFlags): Promise<void> {
    await this.#lastKnownGood.save(stored).catch((error: unknown) => {
      const fields = { event: 'flags.not-saved', err: error };
      this.#logger.warn(fields, `the flags could not be saved to ${this.#lastKnownGood.file}`);
    });
  }

  #followFile(next: unknown): readonly string[] {
    this.#defaults = this.#checked(next);
    return this.#from === 'file' ? this.#flags.replace(next) : [];
  }

  #checked(document: unknown): FlagDocument {
    return checkDocument(document, this.#store.knownKeys, this.#now).document;
  }

  #setStale(error?: unknown): void {
    if (this.#stale) return;
    this.#stale = true;
    this.#flags.setStale(true);
    this.#logger.warn(
      { event: 'flags.stale', from: this.#from, ...(error !== undefined && { err: error }) },
      'Redis cannot be asked for flags: what is in force goes on',
    );
  }

  #setFresh(): void {
    this.#askedAt = this.#now();
    if (!this.#stale) return;
    this.#stale = false;
    this.#flags.setStale(false);
    this.#logger.info({ event: 'flags.fresh' }, 'Redis can be asked for flags again');
  }
}

/** Waits for the work, and no longer than told; the work goes on. */
const soon = async (work: Promise<void>, withinMs: number): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, withinMs);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
};
