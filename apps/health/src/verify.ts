import { environment } from './config.ts';
import { runVerifyCommand } from './verify/command.ts';

// No process.exit: what is still on its way into a pipe is written, and a handle left open would show.
process.exitCode = await runVerifyCommand({
  argv: process.argv.slice(2),
  env: environment,
  stdout: process.stdout,
  stderr: process.stderr,
});
