import { z } from 'zod';
import { ConfigError } from './config-error.ts';

/**
 * The environment as a frozen, typed value, or one `ConfigError` that lists every problem. A blank value
 * counts as absent, so `KEY=` in a file means the default. What is allowed is the schema's business.
 */
export const readConfig = <Schema extends z.ZodType>(
  schema: Schema,
  env: Readonly<Record<string, string | undefined>>,
): Readonly<z.output<Schema>> => {
  const present = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
  const { success, data, error } = schema.safeParse(present);
  if (success) return Object.freeze(data);
  throw new ConfigError(
    error.issues.map(({ path, message }) => ({
      name: path.map(String).join('.') || 'configuration',
      message,
    })),
  );
};
