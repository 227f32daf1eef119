import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { FlagsError } from '../flags-error.ts';
import { readDocumentText } from './records.ts';
import type { StoredFlags } from './records.ts';

const saved = z.strictObject({
  /** Host, port and database: what another Redis held is not ours. */
  redis: z.string(),
  version: z.int().positive(),
  sha256: z.string(),
  updatedAt: z.int().nonnegative(),
  actor: z.string(),
  reason: z.string(),
  knownKeys: z.array(z.string()),
  document: z.string(),
});

/** Which Redis a connection is to. */
export const placeOf = ({ options }: Pick<Redis, 'options'>): string =>
  options.path ?? `${options.host ?? ''}:${options.port ?? ''}/${options.db ?? 0}`;

const unusable = (message: string): FlagsError =>
  new FlagsError([{ key: 'document', level: 'error', message }]);

/**
 * The last document that Redis held and this machine took into force, in a file, for a start without Redis. Several processes may write
 * it: each by rename, so that it is never half of one.
 */
export class LastKnownGood {
  constructor(
    readonly file: string,
    private readonly place: string,
  ) {}

  async save({ document, ...row }: StoredFlags): Promise<void> {
    const beside = `${this.file}.${randomUUID()}`;
    const text = JSON.stringify({ redis: this.place, ...row, document: JSON.stringify(document) });
    await mkdir(dirname(this.file), { recursive: true });
    try {
      await writeFile(beside, `${text}\n`);
      await rename(beside, this.file);
    } catch (error) {
      await rm(beside, { force: true });
      throw error;
    }
  }

  /** Undefined when there is no file. Throws a `FlagsError` when it is broken or was saved from another Redis. */
  async read(): Promise<StoredFlags | undefined> {
    const text = await this.#text();
    if (text === undefined) return undefined;
    const { redis, document, ...row } = this.#parsed(text);
    if (redis !== this.place) throw unusable(`${this.file} was saved from another Redis, ${redis}`);
    return { ...row, document: readDocumentText(document, row.sha256, this.file) };
  }

  async #text(): Promise<string | undefined> {
    try {
      return await readFile(this.file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw unusable(`${this.file} cannot be read: ${(error as Error).message}`);
    }
  }

  #parsed(text: string): z.output<typeof saved> {
    try {
      return saved.parse(JSON.parse(text));
    } catch {
      throw unusable(`${this.file} is no saved flag document`);
    }
  }
}
