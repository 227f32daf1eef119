import type { Redis, Result } from 'ioredis';
import { digestOf, drawKey, type TeamKeyText } from '../keys/team-key.ts';
import type { Scope, Team } from '../team.ts';
import { readKey, readTeam, type RegisterState, type TeamKey } from './records.ts';
import { redisKeys } from './redis-keys.ts';
import { createScript, revokeScript, rotateScript } from './scripts.ts';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    glasshouseKeyCreate(...args: (string | number)[]): Result<string[], Context>;
    glasshouseKeyRotate(...args: (string | number)[]): Result<string[], Context>;
    glasshouseKeyRevoke(...args: (string | number)[]): Result<string[], Context>;
  }
}

export type RefusalReason = 'two-live-keys' | 'no-live-key' | 'no-such-team' | 'no-such-key';

/** The register's no to a change that makes no sense; nothing was changed. */
export class RegisterRefusal extends Error {
  override readonly name = 'RegisterRefusal';
  constructor(readonly reason: RefusalReason) {
    super(`the register refuses: ${reason}`);
  }
}

/** What `create` sets of a team; absent stays as it is (a new team: weight 1, no quotas), null takes a quota away. */
export interface TeamSettings {
  readonly weight?: number | undefined;
  readonly requestsPerMinute?: number | null | undefined;
  readonly permitsPerMinute?: number | null | undefined;
}

/** A key that was just made. The text is told here once and is stored nowhere. */
export interface MadeKey {
  readonly text: string;
  readonly key: TeamKey;
}

export interface TeamRegisterOptions {
  readonly redis: Redis;
  readonly draw?: () => TeamKeyText;
}

const changeKeys = [redisKeys.teams, redisKeys.keys, redisKeys.version, redisKeys.used];

/** Teams and the digests of their keys, in Redis. Rejects with ioredis' errors when Redis is away or read-only. */
export class TeamRegister {
  readonly #redis: Redis;
  readonly #draw: () => TeamKeyText;

  constructor({ redis, draw = drawKey }: TeamRegisterOptions) {
    this.#redis = redis;
    this.#draw = draw;
    redis.defineCommand('glasshouseKeyCreate', { numberOfKeys: 4, lua: createScript });
    redis.defineCommand('glasshouseKeyRotate', { numberOfKeys: 4, lua: rotateScript });
    redis.defineCommand('glasshouseKeyRevoke', { numberOfKeys: 4, lua: revokeScript });
  }

  /** Undefined when no key was ever made in this Redis. */
  async version(): Promise<string | undefined> {
    return (await this.#redis.get(redisKeys.version)) ?? undefined;
  }

  async read(): Promise<RegisterState> {
    const replies = await this.#redis
      .multi()
      .get(redisKeys.version)
      .hgetall(redisKeys.teams)
      .hgetall(redisKeys.keys)
      .exec();
    const [version, teams, keys] = (replies ?? []).map(([error, reply]) => {
      if (error) throw error;
      return reply;
    });
    const unreadable: string[] = [];
    return {
      version: (version as string | null) ?? undefined,
      teams: readAll(teams as Record<string, string>, readTeam, unreadable),
      keys: readAll(keys as Record<string, string>, readKey, unreadable),
      unreadable,
    };
  }

  /** Key id -> the minute it was last used in, epoch ms. */
  async lastUsed(): Promise<ReadonlyMap<string, number>> {
    const minutes = await this.#redis.hgetall(redisKeys.used);
    return new Map(Object.entries(minutes).map(([id, minute]) => [id, Number(minute)]));
  }

  /** @throws RegisterRefusal `two-live-keys` */
  async create(
    team: string,
    settings: TeamSettings,
    {
      scopes,
      expiresAt,
    }: { readonly scopes: readonly Scope[]; readonly expiresAt?: number | undefined },
  ): Promise<MadeKey & { readonly team: Team }> {
    const { id, text } = this.#draw();
    const key = { id, team, digest: digestOf(text), scopes, expiresAt };
    const [, made = '', ofTeam = ''] = done(
      await this.#redis.glasshouseKeyCreate(
        ...changeKeys,
        team,
        JSON.stringify(settings),
        JSON.stringify(key),
      ),
    );
    return { text, key: readable(readKey(made)), team: readable(readTeam(ofTeam)) };
  }

  /** @throws RegisterRefusal `no-such-team`, `no-live-key`, `two-live-keys` */
  async rotate(
    team: string,
    { keepMs, expiresAt }: { readonly keepMs: number; readonly expiresAt?: number | undefined },
  ): Promise<MadeKey & { readonly old: TeamKey }> {
    const { id, text } = this.#draw();
    const key = { id, team, digest: digestOf(text) };
    const [, made = '', old = ''] = done(
      await this.#redis.glasshouseKeyRotate(
        ...changeKeys,
        team,
        JSON.stringify(key),
        keepMs,
        expiresAt ?? '',
      ),
    );
    return { text, key: readable(readKey(made)), old: readable(readKey(old)) };
  }

  /** Ends one key, or all of a team; resolves to their ids. @throws RegisterRefusal `no-such-key`, `no-live-key` */
  async revoke(keyIdOrTeam: string): Promise<readonly string[]> {
    return done(await this.#redis.glasshouseKeyRevoke(...changeKeys, keyIdOrTeam)).slice(1);
  }
}

const readAll = <T>(
  texts: Readonly<Record<string, string>>,
  read: (text: string) => T | undefined,
  unreadable: string[],
): ReadonlyMap<string, T> => {
  const all = new Map<string, T>();
  for (const [id, text] of Object.entries(texts)) {
    const record = read(text);
    if (record) all.set(id, record);
    else unreadable.push(id);
  }
  return all;
};

const done = (reply: readonly string[]): readonly string[] => {
  if (reply[0] !== 'done') throw new RegisterRefusal(reply[0] as RefusalReason);
  return reply;
};

const readable = <T>(record: T | undefined): T => {
  if (!record) throw new Error('the register cannot read what it has just written');
  return record;
};
