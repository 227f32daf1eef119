/** One flag as flagd defines it. */
export interface FlagDefinition {
  readonly state: 'ENABLED' | 'DISABLED';
  /** Name -> value. */
  readonly variants: Readonly<Record<string, unknown>>;
  readonly defaultVariant: string;
  /** JsonLogic with flagd's own operators; absent: every call gets `defaultVariant`. */
  readonly targeting?: unknown;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** A flagd document that passed `checkDocument`. */
export interface FlagDocument {
  readonly flags: Readonly<Record<string, FlagDefinition>>;
  readonly $evaluators?: Readonly<Record<string, unknown>>;
  readonly [other: string]: unknown;
}
