/**
 * `npm run verify`: asks every endpoint once through the gateway, or with `-- --upstream` CoinGlass itself through the fetcher, and
 * prints what came. Only finds out where the house is; the command itself is the health app's, and `-- --help` shows how to use it.
 * Exit codes: those of the command.
 */
import './require-node.mjs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from './launcher/run-command.mjs';
import { verifyEnv } from './launcher/verify-env.mjs';

await runCommand({
  root: dirname(dirname(fileURLToPath(import.meta.url))),
  name: 'verify',
  envOf: verifyEnv,
});
