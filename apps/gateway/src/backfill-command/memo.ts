import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';

const memo = z.object({
  v: z.literal(1),
  url: z.string(),
  body: z.record(z.string(), z.string()),
  idempotencyKey: z.string(),
  id: z.string().optional(),
});

/** What lies beside the file while it is on its way: enough to come back to the same backfill, and no key of the team. */
export type Memo = z.output<typeof memo>;

export const memoPathOf = (out: string): string => `${out}.backfill.json`;

/** Undefined when there is none, or none that can be read. */
export const readMemo = async (out: string): Promise<Memo | undefined> => {
  try {
    const read = memo.safeParse(JSON.parse(await readFile(memoPathOf(out), 'utf8')));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
};

export const newMemo = ({ url, body }: Pick<Memo, 'url' | 'body'>): Memo => ({
  v: 1,
  url,
  body,
  idempotencyKey: randomBytes(16).toString('hex'),
});

export const isFor = ({ body }: Memo, other: Memo['body']): boolean =>
  JSON.stringify(Object.entries(body).sort()) === JSON.stringify(Object.entries(other).sort());

export const writeMemo = async (out: string, what: Memo): Promise<void> => {
  const draft = `${memoPathOf(out)}.${process.pid}.tmp`;
  await writeFile(draft, `${JSON.stringify(what, null, 2)}\n`);
  await rename(draft, memoPathOf(out));
};

export const forgetMemo = (out: string): Promise<void> => rm(memoPathOf(out), { force: true });
