import { runCheckCommand } from './check/command.ts';
import { environment } from './config.ts';

// No process.exit: what is still on its way into a pipe is written, and a handle left open would show.
process.exitCode = await runCheckCommand({
  argv: process.argv.slice(2),
  env: environment,
  stdout: process.stdout,
  stderr: process.stderr,
});
