import { environment } from './config.ts';
import { runJobsCommand } from './jobs/command.ts';
import { userName } from './user-name.ts';

// No process.exit: what is still on its way into a pipe is written, and a handle left open would show.
process.exitCode = await runJobsCommand({
  argv: process.argv.slice(2),
  env: environment,
  by: userName(),
  stdout: process.stdout,
  stderr: process.stderr,
});
