import { createHash } from 'node:crypto';
import { z } from 'zod';
import { FlagsError } from '../flags-error.ts';
import type { FlagChange } from '../document/flag-changes.ts';
import type { FlagDocument } from '../document/flag-document.ts';

/** One version of the flag document with who wrote it, when (epoch ms) and why. */
export interface StoredFlags {
  readonly version: number;
  /** JSON that fits its digest; whether it may be taken into force, `checkDocument` tells. */
  readonly document: FlagDocument;
  /** Of the document's text, hexadecimal. */
  readonly sha256: string;
  readonly updatedAt: number;
  readonly actor: string;
  readonly reason: string;
  /** The flags that the writer's release knew; empty when that is not known. */
  readonly knownKeys: readonly string[];
}

/** One row of the history: a version without its document. */
export type FlagsVersion = Omit<StoredFlags, 'document' | 'knownKeys'> & {
  readonly change: string;
};

/** One row of the audit trail. */
export interface FlagsAudit {
  readonly version: number;
  /** Epoch ms. */
  readonly at: number;
  readonly actor: string;
  readonly reason: string;
  /** What was asked for, in words, e.g. `ramp coinglass.arm 10`. */
  readonly change: string;
  /** What that did to each flag. */
  readonly changes: readonly FlagChange[];
}

export const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex');

const wholeNumber = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);

const head = { sha256: z.string(), actor: z.string(), reason: z.string() };
const storedHash = z.object({
  ...head,
  version: wholeNumber,
  updatedAt: wholeNumber,
  document: z.string(),
  knownKeys: z.string().default('[]'),
});
const keyList = z.array(z.string()).catch([]);

export const historyEntry = z.object({
  ...head,
  updatedAt: z.int().nonnegative(),
  document: z.string(),
  knownKeys: z.array(z.string()),
  change: z.string(),
});
export type HistoryEntry = z.output<typeof historyEntry>;

const corrupt = (message: string): FlagsError =>
  new FlagsError([{ key: 'document', level: 'error', message }]);

const isRecord = (it: unknown): it is Record<string, unknown> =>
  typeof it === 'object' && it !== null && !Array.isArray(it);

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** The text as a document. Throws a `FlagsError` when it is not the text that was written, or has no flags. */
export const readDocumentText = (text: string, sha256: string, what: string): FlagDocument => {
  if (sha256Of(text) !== sha256) throw corrupt(`${what} does not fit its sha256: it was altered`);
  const document = parsed(text);
  if (!isRecord(document) || !isRecord(document['flags'])) {
    throw corrupt(`${what} is no JSON object with flags`);
  }
  return document as unknown as FlagDocument;
};

/** The hash of the document; undefined when there is none. Throws a `FlagsError` when it is not as this code writes it. */
export const readStored = (hash: Readonly<Record<string, string>>): StoredFlags | undefined => {
  if (Object.keys(hash).length === 0) return undefined;
  const { data, error } = storedHash.safeParse(hash);
  if (error) {
    const fields = [...new Set(error.issues.map(({ path }) => path.join('.')))].join(', ');
    throw corrupt(`the record in Redis is not readable: ${fields}`);
  }
  return {
    ...data,
    knownKeys: keyList.parse(parsed(data.knownKeys)),
    document: readDocumentText(data.document, data.sha256, `version ${data.version} in Redis`),
  };
};

const auditFields = z.object({
  version: wholeNumber,
  at: wholeNumber,
  actor: z.string(),
  reason: z.string(),
  change: z.string(),
  changes: z.string(),
});

/** A row of the stream; undefined when it is not as this code writes it. */
export const readAudit = (fields: readonly string[]): FlagsAudit | undefined => {
  const pairs = fields.flatMap((name, at) => (at % 2 === 0 ? [[name, fields[at + 1] ?? '']] : []));
  const { data } = auditFields.safeParse(Object.fromEntries(pairs));
  if (!data) return undefined;
  const changes = parsed(data.changes);
  return Array.isArray(changes) ? { ...data, changes: changes as FlagChange[] } : undefined;
};
