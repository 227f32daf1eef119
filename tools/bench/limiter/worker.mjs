// One process of a contestant: worker.mjs <its name> <terms as JSON>. It begins at the given moment and ends by itself.
import { setTimeout as delay } from 'node:timers/promises';
import { contestants } from './contestants.mjs';
import { createJob } from './jobs.mjs';

const [name = '', json = '{}'] = process.argv.slice(2);
const terms = JSON.parse(json);
const contest = contestants[name];
if (!contest) throw new Error(`no contestant ${name}`);
setTimeout(() => process.exit(0), terms.endAt - Date.now() + 500);
await delay(terms.startAt - Date.now());
await contest(terms, createJob(terms)).catch((/** @type {unknown} */ thrown) => {
  if (Date.now() < terms.endAt) throw thrown;
});
process.exit(0);
