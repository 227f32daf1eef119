import { z } from 'zod';
import { settingsSchema } from './settings.ts';

const whole = (max: number, min = 0) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.int().min(min).max(max));

const { shape } = settingsSchema;

const schema = z.object({
  NODE_ENV: z
    .string()
    .default('development')
    .refine(
      (env) => env !== 'production',
      'the sandbox tells invented figures: it does not start in production',
    ),
  HOST: z.string().default('127.0.0.1'),
  SANDBOX_PORT: whole(65_535).default(3900),
  SANDBOX_KEY: z.string().optional(),
  SANDBOX_PLAN: shape.plan,
  SANDBOX_LIMIT: whole(1_000_000, 1).default(300),
  SANDBOX_WINDOW_MS: whole(3_600_000, 1).default(60_000),
  SANDBOX_WINDOW: shape.window,
  SANDBOX_REFUSAL: shape.refusal,
  SANDBOX_LATENCY_MS: whole(600_000).default(0),
});

export type Config = z.output<typeof schema>;

/** Every problem of the environment at once, one line each. */
export class BadConfig extends Error {
  override readonly name = 'BadConfig';
}

/** The sandbox's configuration from the environment. An empty value counts as absent. @throws {BadConfig} */
export function readConfig(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Config {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const result = schema.safeParse(set);
  if (result.success) return Object.freeze(result.data);
  throw new BadConfig(
    result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'),
  );
}
