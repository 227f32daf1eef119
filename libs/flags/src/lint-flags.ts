import { z } from 'zod';
import { flagRow, isEndpointFlagKey } from './flag-table.ts';
import type { FlagRow } from './flag-table.ts';
import type { FlagProblem } from './flags-error.ts';
import { targetVariants } from './target-variants.ts';

const definition = z.object({
  state: z.enum(['ENABLED', 'DISABLED']),
  variants: z.record(z.string(), z.unknown()),
  defaultVariant: z.string(),
  targeting: z.unknown().optional(),
  metadata: z.record(z.string(), z.unknown()).default({}),
});
type Definition = z.output<typeof definition>;

const documentShape = z.object({
  flags: z.record(z.string(), z.unknown()),
  $evaluators: z.record(z.string(), z.unknown()).default({}),
});

const told = ({ issues }: z.ZodError): string =>
  issues
    .map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '))
    .join('; ');

const isDay = (text: string): boolean => {
  const at = Date.parse(`${text}T00:00:00Z`);
  return (
    /^\d{4}-\d{2}-\d{2}$/.test(text) &&
    !Number.isNaN(at) &&
    new Date(at).toISOString().startsWith(text)
  );
};

const metadataProblems = ({ owner, expires }: Definition['metadata'], today: string) => {
  const errors: string[] = [];
  if (typeof owner !== 'string' || owner.trim() === '')
    errors.push('metadata.owner is missing: say who answers for it');
  if (typeof expires !== 'string')
    errors.push('metadata.expires is missing: a day (YYYY-MM-DD) or never');
  else if (expires !== 'never' && !isDay(expires))
    errors.push('metadata.expires is no day (YYYY-MM-DD) and not never');
  const expired = typeof expires === 'string' && isDay(expires) && expires < today;
  return { errors, expired };
};

const variantErrors = (
  { variants, defaultVariant, targeting }: Definition,
  row: FlagRow | undefined,
  evaluators: Readonly<Record<string, unknown>>,
): string[] => {
  const names = Object.keys(variants);
  const unknown = [...new Set([defaultVariant, ...targetVariants(targeting, evaluators)])].filter(
    (name) => !names.includes(name),
  );
  const wrong = row
    ? Object.entries(variants).flatMap(([name, value]) => {
        const { error } = row.values.safeParse(value);
        return error ? [`variant ${name} is no fitting ${row.type}: ${told(error)}`] : [];
      })
    : [];
  return [
    ...unknown.map(
      (name) => `there is no variant ${JSON.stringify(name)}; known: ${names.join(', ')}`,
    ),
    ...wrong,
  ];
};

/**
 * What is wrong with a flag document beyond its schema: known flags that are missing, variant names that do not exist,
 * values of another type, no owner, no expiry. A flag that is DISABLED is refused as well: flagd then serves the
 * code's default, so whoever disabled a switch to turn it off would have turned nothing off.
 */
export const lintFlags = (
  document: unknown,
  knownKeys: readonly string[],
  now: () => number = Date.now,
): FlagProblem[] => {
  const parsed = documentShape.safeParse(document);
  if (!parsed.success) return [{ key: 'document', level: 'error', message: told(parsed.error) }];
  const { flags, $evaluators: evaluators } = parsed.data;
  const today = new Date(now()).toISOString().slice(0, 10);
  const error = (key: string, message: string): FlagProblem => ({ key, level: 'error', message });
  const warning = (key: string, message: string): FlagProblem => ({
    key,
    level: 'warning',
    message,
  });

  // A process that does not know the endpoints cannot tell a misspelt switch from a good one.
  const judgesEndpoints = knownKeys.some(isEndpointFlagKey);

  const missing = knownKeys
    .filter((key) => !Object.hasOwn(flags, key))
    .map((key) => error(key, 'is missing: every flag the code reads must be defined'));

  const wrong = Object.entries(flags).flatMap(([key, flag]) => {
    const row = flagRow(key);
    const known = knownKeys.includes(key);
    const unjudged = isEndpointFlagKey(key) && !judgesEndpoints;
    const strange =
      known || unjudged ? [] : [warning(key, 'is read by nobody: check the spelling or remove it')];
    const { success, data, error: shape } = definition.safeParse(flag);
    if (!success) return [...strange, error(key, told(shape))];
    const { errors, expired } = metadataProblems(data.metadata, today);
    const disabled =
      known && data.state === 'DISABLED'
        ? [error(key, 'is DISABLED, which means "as the code says": set defaultVariant instead')]
        : [];
    return [
      ...strange,
      ...disabled,
      ...[...variantErrors(data, row, evaluators), ...errors].map((message) => error(key, message)),
      ...(expired
        ? [warning(key, `expired on ${String(data.metadata['expires'])}: remove it`)]
        : []),
    ];
  });
  return [...missing, ...wrong];
};
