/**
 * `npm run jobs`: failed jobs, listed, shown, replayed and discarded, and a job added by hand. Only finds out where the house is;
 * the command itself is the health app's. Exit codes: 0 done, 1 not (all) done, 2 wrong use, 3 when there is nothing to ask.
 */
import './require-node.mjs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from './launcher/run-command.mjs';

await runCommand({ root: dirname(dirname(fileURLToPath(import.meta.url))), name: 'jobs' });
