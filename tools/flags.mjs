/**
 * `npm run flags`: shows and changes the feature flags. Only finds out where the house is; the command itself is the health app's.
 * Exit codes: 0 done, 1 refused, 2 wrong use, 3 when there is nothing to ask.
 */
import './require-node.mjs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from './launcher/run-command.mjs';

/** These ask nobody. */
const alone = ['lint', undefined].includes(process.argv[2]);

await runCommand({ root: dirname(dirname(fileURLToPath(import.meta.url))), name: 'flags', alone });
