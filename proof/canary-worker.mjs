/** Plays the scenarios of the canary it is told to, from the sources, one after the other. */
import { parentPort } from 'node:worker_threads';
import { loadSources } from './load-sources.mjs';

loadSources();
const { playNamed } = await import('./src/canary/play.ts');
parentPort?.on('message', ({ name, runs, seed }) => {
  parentPort?.postMessage(playNamed(name, runs, seed));
});
