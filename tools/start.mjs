/**
 * `npm start`: the whole house in one command. The work is in launcher/; here is only the way out.
 */
import './require-node.mjs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from './launcher/launch.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const exitCode = await launch({ argv: process.argv.slice(2), root });
process.exitCode = exitCode;
// Everything is closed by now; should some library still hold a timer, it does not hold the terminal.
setTimeout(() => process.exit(exitCode), 500).unref();
