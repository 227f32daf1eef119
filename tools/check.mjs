/**
 * `npm run check`: asks the running house the questions of the start check and prints the table (or JSON, with
 * `-- --json`). Only finds out where the house is; the check itself is the health app's. Never sees the vendor key.
 * Exit codes: those of the check (0 passed or warned, 1 failed, 2 wrong use), 3 when there is nothing to ask.
 */
import './require-node.mjs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from './launcher/run-command.mjs';

await runCommand({ root: dirname(dirname(fileURLToPath(import.meta.url))), name: 'check' });
