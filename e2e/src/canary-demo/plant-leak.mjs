/**
 * Loaded before a fetcher (`node --import`): plants the fault that the limit is there to prevent, a client that sends without asking. One
 * sending of the canary in two takes no permit. Only the module as it is loaded is changed, no file.
 */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const file = 'coinglass-client/dist/pipeline/with-permit.js';
const taking = 'await takeFresh(parts, sending)';
const unpaid =
  '{ permit: { isFresh: () => true, settle: () => undefined, takenAt: 0 }, permittedAt: parts.now(), permitWaitMs: 0 }';
let sendings = 0;
globalThis.glasshouseLeaks = () => sendings++ % 2 === 0;

registerHooks({
  load: (url, context, next) => {
    if (!url.endsWith(file)) return next(url, context);
    const source = readFileSync(new URL(url), 'utf8');
    if (source.split(taking).length !== 2) throw new Error(`${file}: not found once: ${taking}`);
    return {
      format: 'module',
      shortCircuit: true,
      source: source.replace(
        taking,
        `sending.arm === 'canary' && glasshouseLeaks() ? ${unpaid} : ${taking}`,
      ),
    };
  },
});
