import type { Redis, Result } from 'ioredis';
import { checkDocument } from '../document/check-document.ts';
import { flagChanges } from '../document/flag-changes.ts';
import type { FlagDocument } from '../document/flag-document.ts';
import { knownFlagKeys } from '../flag-table.ts';
import type { FlagKey } from '../flag-table.ts';
import { FlagsError } from '../flags-error.ts';
import { historyEntry, readAudit, readDocumentText, readStored, sha256Of } from './records.ts';
import type { FlagsAudit, FlagsVersion, HistoryEntry, StoredFlags } from './records.ts';
import { redisKeys } from './redis-keys.ts';
import { historyKept, writeScript } from './write-script.ts';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    glasshouseFlagsWrite(...args: (string | number)[]): Result<[number, number], Context>;
  }
}

export interface FlagStoreOptions {
  readonly redis: Redis;
  /** The endpoints there are: each must have its switch in a document. */
  readonly endpointIds: readonly string[];
  /** Epoch ms. */
  readonly now?: () => number;
}

export interface FlagsWrite {
  /** The version that the document was made from; 0 when there is none yet. */
  readonly expectedVersion: number;
  readonly document: unknown;
  /** Who: an operator's name, a team's key, `canary`, `upgrade`, `restore`. */
  readonly actor: string;
  readonly reason: string;
  /** What was asked for, in words, e.g. `kill futures/funding-rate/history`. */
  readonly change: string;
  /** The new version is greater than this one, too: for a document that Redis has lost. */
  readonly aboveVersion?: number;
}

export interface FlagsWritten {
  readonly state: 'written' | 'conflict';
  /** The new version, or the one that is there instead of the expected one. */
  readonly version: number;
}

const nothing: FlagDocument = { flags: {} };

/** The flag document in Redis, its history and its audit trail. Rejects with ioredis' errors when Redis is away or read-only. */
export class FlagStore {
  /** Every key that a document must have. */
  readonly knownKeys: readonly FlagKey[];
  readonly #redis: Redis;
  readonly #now: () => number;

  constructor({ redis, endpointIds, now = Date.now }: FlagStoreOptions) {
    this.knownKeys = knownFlagKeys(endpointIds);
    this.#redis = redis;
    this.#now = now;
    redis.defineCommand('glasshouseFlagsWrite', { numberOfKeys: 3, lua: writeScript });
  }

  /** Undefined while there is no document. Throws a `FlagsError` when what is there is not what was written. */
  async read(): Promise<StoredFlags | undefined> {
    return readStored(await this.#redis.hgetall(redisKeys.document));
  }

  /** What is there without the document, to see whether it changed: cheap enough to be asked every few seconds. 0: no document. */
  async version(): Promise<{ readonly version: number; readonly sha256: string }> {
    const [version, sha256] = await this.#redis.hmget(redisKeys.document, 'version', 'sha256');
    return { version: Number(version ?? 0) || 0, sha256: sha256 ?? '' };
  }

  /** Writes a document if nobody was faster. Throws a `FlagsError`, and writes nothing, when the document cannot be used. */
  async write({
    expectedVersion,
    document: unchecked,
    actor,
    reason,
    change,
    aboveVersion = 0,
  }: FlagsWrite): Promise<FlagsWritten> {
    const { document } = checkDocument(unchecked, this.knownKeys, this.#now);
    if (reason.trim() === '')
      throw new FlagsError([{ key: 'reason', level: 'error', message: 'is missing: say why' }]);
    // If it is no longer the expected one when it is replaced, the script says so.
    const before = await this.read().catch((error: unknown) => {
      if (error instanceof FlagsError) return undefined;
      throw error;
    });
    const text = JSON.stringify(document);
    const sha256 = sha256Of(text);
    const updatedAt = this.#now();
    const { knownKeys } = this;
    const row = { sha256, updatedAt, actor, reason, knownKeys: [...knownKeys], change };
    const entry: HistoryEntry = { ...row, document: text };
    const changes = flagChanges(before?.document ?? nothing, document);
    const [done, version] = await this.#redis.glasshouseFlagsWrite(
      redisKeys.document,
      redisKeys.history,
      redisKeys.audit,
      expectedVersion,
      aboveVersion,
      redisKeys.changed,
      text,
      sha256,
      updatedAt,
      actor,
      reason,
      JSON.stringify(entry),
      change,
      JSON.stringify(changes),
      JSON.stringify(knownKeys),
    );
    return { state: done === 1 ? 'written' : 'conflict', version };
  }

  /** The latest versions, the newest first; 500 are kept. */
  async history(count: number): Promise<FlagsVersion[]> {
    const { version: newest } = await this.version();
    const versions = Array.from(
      { length: Math.min(count, newest, historyKept) },
      (_, ago) => newest - ago,
    );
    if (versions.length === 0) return [];
    const texts = await this.#redis.hmget(redisKeys.history, ...versions.map(String));
    return versions.flatMap((version, at) => {
      const entry = readEntry(texts[at]);
      if (!entry) return [];
      const { document: _text, knownKeys: _keys, ...row } = entry;
      return [{ version, ...row }];
    });
  }

  /** One version as it was written; undefined when it never was, or is no longer kept. */
  async at(version: number): Promise<StoredFlags | undefined> {
    const entry = readEntry(await this.#redis.hget(redisKeys.history, String(version)));
    if (!entry) return undefined;
    const { document: text, change: _words, ...row } = entry;
    const document = readDocumentText(text, row.sha256, `version ${version} of the history`);
    return { version, ...row, document };
  }

  /** The latest changes, the newest first; about 10,000 are kept. */
  async audit(count: number): Promise<FlagsAudit[]> {
    const rows = await this.#redis.xrevrange(redisKeys.audit, '+', '-', 'COUNT', count);
    return rows.flatMap(([, fields]) => readAudit(fields) ?? []);
  }
}

const readEntry = (text: string | null | undefined): HistoryEntry | undefined => {
  try {
    return historyEntry.safeParse(JSON.parse(text ?? 'null')).data;
  } catch {
    return undefined;
  }
};
