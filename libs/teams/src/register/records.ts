import { z } from 'zod';
import { scopes, teamIdForm, type Scope, type Team } from '../team.ts';

const epochMs = z.int().nonnegative();
const perMinute = z.int().min(1).max(10_000_000);

const teamRecord = z.strictObject({
  id: z.string().regex(teamIdForm),
  weight: z.int().min(1).max(100),
  requestsPerMinute: perMinute.optional(),
  permitsPerMinute: perMinute.optional(),
  createdAt: epochMs,
});

const keyRecord = z.strictObject({
  id: z.string().regex(/^[A-Z][0-9A-Za-z]{7}$/),
  team: z.string().regex(teamIdForm),
  /** SHA-256 of the whole key, base64url. */
  digest: z.string().regex(/^[\w-]{43}$/),
  scopes: z.array(z.enum(scopes)).min(1),
  createdAt: epochMs,
  expiresAt: epochMs.optional(),
});

/** A key as the register has it: what it may do and until when (epoch ms), and a digest instead of a secret. */
export interface TeamKey {
  readonly id: string;
  readonly team: string;
  /** SHA-256 of the whole key, base64url. */
  readonly digest: string;
  readonly scopes: ReadonlySet<Scope>;
  readonly createdAt: number;
  readonly expiresAt?: number | undefined;
}

/** Everything in the register at one moment. */
export interface RegisterState {
  /** Changes with each change; absent: nobody has ever made a key in this Redis. */
  readonly version: string | undefined;
  readonly teams: ReadonlyMap<string, Team>;
  readonly keys: ReadonlyMap<string, TeamKey>;
  /** Fields of records that are not as this code writes them; they count as absent. */
  readonly unreadable: readonly string[];
}

const parsed = <Schema extends z.ZodType>(
  schema: Schema,
  text: string,
): z.output<Schema> | undefined => {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};

export const readTeam = (text: string): Team | undefined => {
  const record = parsed(teamRecord, text);
  if (!record) return undefined;
  const { id, weight, requestsPerMinute, permitsPerMinute } = record;
  return { id, weight, requestsPerMinute, permitsPerMinute };
};

export const readKey = (text: string): TeamKey | undefined => {
  const record = parsed(keyRecord, text);
  return (
    record && {
      ...record,
      scopes: new Set(record.scopes),
    }
  );
};

export const isLive = ({ expiresAt }: Pick<TeamKey, 'expiresAt'>, now: number): boolean =>
  expiresAt === undefined || now < expiresAt;
