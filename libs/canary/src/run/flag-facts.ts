/** As much of a flag document as a run looks at. */
export interface FlagDocument {
  readonly flags: Readonly<Record<string, FlagDefinition | undefined>>;
}

export interface FlagDefinition {
  readonly state?: string;
  readonly variants?: Readonly<Record<string, unknown>>;
  readonly defaultVariant?: string;
  readonly targeting?: unknown;
}

const asDocument = (document: unknown): FlagDocument => document as FlagDocument;

export const definitionOf = (document: unknown, key: string): FlagDefinition | undefined =>
  asDocument(document).flags[key];

/** What a flag gives, and to whom, as text: two definitions with the same text serve everybody alike. */
export const ruleText = (document: unknown, key: string): string => {
  const { state, defaultVariant, variants, targeting } = definitionOf(document, key) ?? {};
  const value = variants?.[defaultVariant ?? ''];
  return JSON.stringify(sorted({ state, defaultVariant, value, targeting: targeting ?? {} }));
};

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  );
};

const hasTargeting = ({ targeting }: FlagDefinition): boolean =>
  typeof targeting === 'object' && targeting !== null && Object.keys(targeting).length > 0;

/** What everybody gets of a flag; undefined while it depends on who asks. */
export const settledValue = (document: unknown, key: string): unknown => {
  const definition = definitionOf(document, key);
  if (definition === undefined || hasTargeting(definition)) return undefined;
  return definition.variants?.[definition.defaultVariant ?? ''];
};
