import { Failure, invalidRequest, nearest } from '@glasshouse/coinglass-client';
import {
  changeFlags,
  checkDocument,
  defaultsIn,
  evaluateFlag,
  FlagsError,
  revertFlags,
  viewFlag,
  viewFlags,
  withShares,
  withValue,
  withVariant,
  type FlagChange,
  type FlagDocument,
  type FlagReading,
  type FlagsAudit,
  type FlagsSource,
  type FlagStore,
  type FlagsVersion,
  type FlagView,
} from '@glasshouse/flags';
import { reach } from '../backfills/reach.ts';

/** What a flag is to give: one of the three. */
export type FlagOrder =
  | { readonly variant: string }
  | { readonly value: unknown }
  | { readonly shares: Readonly<Record<string, number>> };

/** Who orders a change, why, and over which version; without a version over whichever is there. */
export interface FlagChangeBy {
  readonly actor: string;
  readonly reason: string;
  readonly version: number | undefined;
}

export interface FlagsView {
  /** 0: nobody has changed a flag yet. */
  readonly version: number;
  /** What this gateway has in force. */
  readonly source: FlagsSource;
  readonly flags: readonly FlagView[];
}

export interface FlagsAnswer {
  readonly state: 'written' | 'left';
  readonly version: number;
  readonly changes: readonly FlagChange[];
}

export interface FlagDeskParts {
  readonly store: FlagStore;
  /** The file of defaults, which holds until somebody changes a flag. */
  readonly file: string;
  readonly source: () => FlagsSource;
}

/** Flags as the gateway's routes show and change them. Rejects with a `Failure`. */
export class FlagDesk {
  readonly #defaults: () => FlagDocument;

  constructor(private readonly parts: FlagDeskParts) {
    this.#defaults = defaultsIn(parts.file, parts.store.knownKeys);
  }

  async all(): Promise<FlagsView> {
    const { version, document } = await this.#current();
    return { version, source: this.parts.source(), flags: viewFlags(document) };
  }

  /** With `as`, a call's id: what that call would get, and why. */
  async one(
    key: string,
    as: string | undefined,
  ): Promise<FlagView & { readonly version: number; readonly reading?: FlagReading<unknown> }> {
    const { version, document } = await this.#current();
    this.#known(document, key);
    const reading =
      as === undefined ? undefined : await asked(() => evaluateFlag(document, key, as));
    return { version, ...viewFlag(document, key), ...(reading && { reading }) };
  }

  history(count: number): Promise<FlagsVersion[]> {
    return reach(this.parts.store.history(count));
  }

  audit(count: number): Promise<FlagsAudit[]> {
    return reach(this.parts.store.audit(count));
  }

  async set(key: string, order: FlagOrder, by: FlagChangeBy): Promise<FlagsAnswer> {
    const { document } = await this.#current();
    this.#known(document, key);
    const { store } = this.parts;
    const { actor, reason } = by;
    const changed = await asked(() =>
      changeFlags({
        ...{ store, defaults: this.#defaults(), actor, reason },
        change: wordsOf(key, order),
        edit: (newest, version) => {
          checkVersion(by.version, version);
          this.#refuseWhenLost(version);
          return edited(newest, key, order);
        },
      }),
    );
    return this.#told(changed);
  }

  async revert(version: number, { version: expectedVersion, ...by }: FlagChangeBy) {
    const { store } = this.parts;
    const expected = expectedVersion === undefined ? {} : { expectedVersion };
    const reverted = await asked(() =>
      revertFlags({ store, defaults: this.#defaults(), version, ...expected, ...by }),
    );
    if (reverted.state === 'conflict') throw otherVersion(expectedVersion ?? 0, reverted.version);
    return this.#told(reverted);
  }

  async #current(): Promise<{ readonly version: number; readonly document: FlagDocument }> {
    try {
      const stored = await this.parts.store.read();
      if (!stored) return { version: 0, document: this.#defaults() };
      // What was put there by hand may be no document of flags, and no process has it in force then.
      checkDocument(stored.document, []);
      return stored;
    } catch (thrown) {
      if (!(thrown instanceof FlagsError)) return reach(Promise.reject(thrown as Error));
      const said = thrown.problems.map(({ message }) => message).join('; ');
      throw new Failure(
        'change-refused',
        `The stored flags cannot be used (${said}): POST /v1/flags/revert to an earlier version`,
      );
    }
  }

  /** A change of the defaults would bring back what somebody had switched off, and keep the lost document from being put back. */
  #refuseWhenLost(found: number): void {
    const { version } = this.parts.source();
    if (found > 0 || version === undefined) return;
    throw new Failure(
      'change-refused',
      `Redis has lost the flags; version ${version} is put back within seconds: try again then`,
    );
  }

  #known({ flags }: FlagDocument, key: string): void {
    if (Object.hasOwn(flags, key)) return;
    const known = Object.keys(flags);
    throw invalidRequest([
      { field: 'flag', message: 'there is no such flag', suggestions: nearest(key, known) },
    ]);
  }

  async #told({ state, version }: Pick<FlagsAnswer, 'state' | 'version'>): Promise<FlagsAnswer> {
    if (state === 'left') return { state, version, changes: [] };
    const rows = await reach(this.parts.store.audit(amongLatest));
    return { state, version, changes: rows.find((row) => row.version === version)?.changes ?? [] };
  }
}

/** Among how many of the latest rows the one just written is found. */
const amongLatest = 50;

const edited = (document: FlagDocument, key: string, order: FlagOrder): FlagDocument => {
  if ('variant' in order) return withVariant(document, key, order.variant);
  if ('value' in order) return withValue(document, key, order.value);
  return withShares(document, key, order.shares);
};

const wordsOf = (key: string, order: FlagOrder): string => {
  const [setting]: unknown[] = Object.values(order);
  const words = typeof setting === 'string' ? setting : JSON.stringify(setting);
  return `${'shares' in order ? 'split' : 'set'} ${key} ${words}`.slice(0, 500);
};

const checkVersion = (expected: number | undefined, found: number): void => {
  if (expected !== undefined && expected !== found) throw otherVersion(expected, found);
};

const otherVersion = (expected: number, found: number): Failure =>
  new Failure(
    'change-refused',
    `Version ${found} of the flags is there, not ${expected}: look at it and decide anew`,
  );

/** What the caller asked for and cannot have is theirs to mend; everything else is Redis. */
const asked = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof FlagsError)
      throw invalidRequest(thrown.problems.map(({ key, message }) => ({ field: key, message })));
    if (thrown instanceof Failure) throw thrown;
    return reach(Promise.reject(thrown as Error));
  }
};
