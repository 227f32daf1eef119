/**
 * `npm run canary`: starts, shows and steers a run of the canary. Only finds out where the house is; the command itself is the health
 * app's. Exit codes: 0 done, 1 refused, 2 wrong use, 3 nothing to ask; `status --wait` tells the run's end by them.
 */
import './require-node.mjs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from './launcher/run-command.mjs';

await runCommand({ root: dirname(dirname(fileURLToPath(import.meta.url))), name: 'canary' });
