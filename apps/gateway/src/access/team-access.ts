import type { IncomingHttpHeaders } from 'node:http';
import { Failure } from '@glasshouse/coinglass-client';
import {
  allows,
  openTeam,
  parseKey,
  scopes,
  type RequestQuota,
  type Scope,
  type TeamRoll,
  type UsageTally,
} from '@glasshouse/teams';
import type { Access, Caller, HitAccess } from './access.ts';
import { FailedKeys } from './failed-keys.ts';
import { KeyBook, type DevelopmentKey } from './key-book.ts';
import { noValidKey, sentKey, twoKeys } from './sent-key.ts';

export interface TeamAccessParts {
  readonly roll: Pick<TeamRoll, 'key' | 'team' | 'readAt' | 'keysMade' | 'lookAgain'>;
  readonly quota: Pick<RequestQuota, 'take' | 'takeAtOnce'>;
  readonly tally: Pick<UsageTally, 'add' | 'keyUsed'>;
  /** Whether everybody may read while no key was ever made. */
  readonly opensWithoutKeys: boolean;
  readonly developmentKey?: DevelopmentKey | undefined;
  /** Told when an address has failed too often. */
  readonly onGuessing?: (address: string) => void;
  readonly now?: () => number;
}

/** Who reads where no keys are asked for. */
const anyone: Caller = { team: openTeam, scopes: new Set(scopes) };

/** The door with keys: who is it, may they do this, and are they within their requests per minute? In this order. */
export class TeamAccess implements Access, HitAccess {
  readonly #parts: TeamAccessParts;
  readonly #book: KeyBook;
  readonly #failed: FailedKeys;

  constructor(parts: TeamAccessParts) {
    const now = parts.now ?? Date.now;
    this.#parts = parts;
    this.#book = new KeyBook({ ...parts, now });
    this.#failed = new FailedKeys(now);
  }

  /** Whether a request without a key is let in. */
  get isOpen(): boolean {
    const { roll, opensWithoutKeys, developmentKey } = this.#parts;
    return opensWithoutKeys && !developmentKey && roll.keysMade === false;
  }

  enterAtOnce(headers: IncomingHttpHeaders, scope: Scope): Caller | undefined {
    const caller = this.isOpen ? anyone : this.#known(headers);
    if (!caller || !allows(caller.scopes, scope)) return undefined;
    if (!this.#parts.quota.takeAtOnce(caller.team)) return undefined;
    this.#count(caller);
    return caller;
  }

  async enter(headers: IncomingHttpHeaders, scope: Scope, address = 'unknown'): Promise<Caller> {
    const caller = this.isOpen ? anyone : await this.#recognise(headers, address);
    this.#count(caller);
    const refusal = await this.#refusalOf(caller, scope);
    if (!refusal) return caller;
    this.#parts.tally.add(caller.team.id, 'failures');
    throw refusal;
  }

  #known(headers: IncomingHttpHeaders): Caller | undefined {
    const text = sentKey(headers);
    return typeof text === 'string' ? this.#book.find(text) : undefined;
  }

  /** A key that is not known here may have been made a moment ago, so the register is looked at before it is called wrong. */
  async #recognise(headers: IncomingHttpHeaders, address: string): Promise<Caller> {
    const text = sentKey(headers);
    if (text === null) throw twoKeys();
    if (text === undefined || !parseKey(text)) throw this.#withoutKey();
    const known = this.#book.find(text);
    if (known) return known;
    const restMs = this.#failed.restMs(address);
    if (restMs > 0) throw noValidKey(restMs);
    await this.#parts.roll.lookAgain().catch((cause: unknown) => {
      throw keysUnavailable(cause);
    });
    const found = this.isOpen ? anyone : this.#book.find(text);
    if (found) return found;
    if (this.#failed.add(address)) this.#parts.onGuessing?.(address);
    throw noValidKey();
  }

  /** Before the register was heard, nobody can say whether keys are asked for. */
  #withoutKey(): Failure {
    const { roll, opensWithoutKeys, developmentKey } = this.#parts;
    return opensWithoutKeys && !developmentKey && roll.keysMade === undefined
      ? keysUnavailable()
      : noValidKey();
  }

  async #refusalOf({ team, scopes: granted }: Caller, scope: Scope): Promise<Failure | undefined> {
    if (!allows(granted, scope)) {
      return new Failure(
        'forbidden-scope',
        `This key may not do this: it lacks the scope ${scope} and has ${[...granted].join(', ')}`,
      );
    }
    const taken = await this.#parts.quota.take(team);
    if (taken.granted) return undefined;
    return new Failure(
      'team-quota',
      `The team ${team.id} has used its ${team.requestsPerMinute} requests per minute`,
      { retryAfterMs: taken.retryAfterMs },
    );
  }

  #count({ team, keyId }: Caller): void {
    this.#parts.tally.add(team.id, 'requests');
    if (keyId !== undefined) this.#parts.tally.keyUsed(keyId);
  }
}

const keysUnavailable = (cause?: unknown): Failure =>
  new Failure(
    'store-unavailable',
    'Redis cannot be reached, and without it a key that is not known here cannot be checked',
    { cause, retryAfterMs: 5_000 },
  );
