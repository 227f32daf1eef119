import { runBackfillCommand } from './backfill-command/command.ts';
import { commandEnv } from './config.ts';

// The first Ctrl-C leaves the backfill running and says how to come back; the second one ends the command as ever.
const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());

process.exitCode = await runBackfillCommand({
  argv: process.argv.slice(2),
  env: commandEnv,
  stdout: process.stdout,
  stderr: process.stderr,
  interrupted: interrupted.signal,
});
