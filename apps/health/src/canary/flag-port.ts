import type { FlagDocument } from '@glasshouse/flags';

/** The flags as the controller uses them. Both reject when Redis cannot be asked. */
export interface FlagPort {
  /** What is in force; version 0: the file's definitions. */
  read(): Promise<FlagsInForce>;
  /**
   * Compare-and-set: `edit` is given the newest document, and again when somebody was quicker; `undefined` leaves it. Resolves to
   * the version in force after it.
   */
  change(
    edit: (document: FlagDocument) => FlagDocument | undefined,
    audit: { readonly actor: string; readonly reason: string; readonly change: string },
  ): Promise<{ readonly version: number }>;
}

export interface FlagsInForce {
  readonly version: number;
  readonly document: FlagDocument;
  /** Who wrote it last; absent at version 0. */
  readonly actor?: string;
}
