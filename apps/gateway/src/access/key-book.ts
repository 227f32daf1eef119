import {
  digestOf,
  isLive,
  keyIdAt,
  keyTextLength,
  sameDigest,
  type Team,
  type TeamKey,
  type TeamRoll,
} from '@glasshouse/teams';
import type { Caller } from './access.ts';

/** A key that stands in the configuration instead of the register; never in production. */
export interface DevelopmentKey {
  readonly team: Team;
  readonly key: TeamKey;
}

export interface KeyBookParts {
  readonly roll: Pick<TeamRoll, 'key' | 'team' | 'readAt'>;
  readonly developmentKey?: DevelopmentKey | undefined;
  readonly now: () => number;
}

/** With Redis away the roll is believed for so long: a revoked key may live on for it, a team's reads as well. */
export const believedForMs = 300_000;

const nobody = digestOf('');

/** Whose key is this? From memory, in the same steps for an unknown id as for a wrong secret. */
export class KeyBook {
  readonly #parts: KeyBookParts;
  /** A change in the register makes new records, so what is made of one lives as long as it. */
  readonly #callers = new WeakMap<TeamKey, Caller>();

  constructor(parts: KeyBookParts) {
    this.#parts = parts;
  }

  /** Undefined for no key of ours, one that has ended, or when the register was not heard for too long. */
  find(text: string): Caller | undefined {
    if (text.length !== keyTextLength) return undefined;
    const key = this.#record(text.slice(keyIdAt.from, keyIdAt.to));
    const same = sameDigest(digestOf(text), key?.digest ?? nobody);
    if (!key || !same || !isLive(key, this.#parts.now())) return undefined;
    return this.#callers.get(key) ?? this.#callerOf(key);
  }

  #record(id: string): TeamKey | undefined {
    const { roll, developmentKey, now } = this.#parts;
    if (developmentKey?.key.id === id) return developmentKey.key;
    const { readAt } = roll;
    return readAt !== undefined && now() - readAt < believedForMs ? roll.key(id) : undefined;
  }

  #callerOf(key: TeamKey): Caller | undefined {
    const { roll, developmentKey } = this.#parts;
    const team = developmentKey?.key === key ? developmentKey.team : roll.team(key.team);
    if (!team) return undefined;
    const caller: Caller = { team, scopes: key.scopes, keyId: key.id };
    this.#callers.set(key, caller);
    return caller;
  }
}
