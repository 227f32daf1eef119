import { GatewayAway, GatewayRefusal } from './gateway-client.ts';
import type { BackfillOptions } from './options.ts';
import { IncompleteRows } from './save-rows.ts';

export type ExitCode = 0 | 1 | 2 | 3 | 4 | 130;

/** Something the user has to know and can do something about. */
export class Told extends Error {
  constructor(
    readonly exitCode: ExitCode,
    message: string,
  ) {
    super(message);
  }
}

/** What went wrong in words that say what to do, and the exit code. What is none of these is a bug, and thrown on. */
export const told = (
  thrown: unknown,
  { url }: BackfillOptions,
): { readonly exitCode: ExitCode; readonly message: string } => {
  if (thrown instanceof Told) return thrown;
  if (thrown instanceof GatewayRefusal) {
    const mine = thrown.status >= 400 && thrown.status < 500 && thrown.status !== 429;
    const hint =
      thrown.status === 401 || thrown.status === 403
        ? '\ngive a key with the scope jobs:bulk in GLASSHOUSE_KEY or --key'
        : '';
    return { exitCode: mine ? 2 : 3, message: `${thrown.message}${hint}` };
  }
  if (thrown instanceof GatewayAway) {
    return {
      exitCode: 3,
      message: `${thrown.message}: is the house up, and is ${url} its gateway? What was begun goes on; come back with the same command`,
    };
  }
  if (thrown instanceof IncompleteRows) {
    return {
      exitCode: 3,
      message: `${thrown.message}; the same command fetches them again, at no cost`,
    };
  }
  const { code, path } = thrown as NodeJS.ErrnoException;
  if (code !== undefined && path !== undefined) {
    return { exitCode: 3, message: `${path} cannot be written (${code}): choose another --out` };
  }
  throw thrown;
};
