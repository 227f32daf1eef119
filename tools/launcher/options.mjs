import { parseArgs } from 'node:util';
import { StartProblem } from './problem.mjs';

/** The words after `npm start --`. Where things run and with which key is told by the environment (settings.mjs). */
export const usage = `Usage: npm start [-- options]

Builds and starts the whole house: Redis, the sandbox (when there is no vendor key), fetcher, gateway, health.

  --fetchers N   run N fetcher processes, 1 to 8 (default 1); the extra ones take free ports
  --logs         show every log line of the apps here, too (they always go to var/log/)
  --help         show this

Settings come from the environment or a file .env; .env.example explains each.`;

const fetchersMax = 8;
const usageExitCode = 2;

/** @param {string} sentence */
const refuse = (sentence) =>
  new StartProblem(`${sentence} See npm start -- --help.`, { exitCode: usageExitCode });

/** @param {string} text */
const fetchersFrom = (text) => {
  const count = /^\d{1,3}$/.test(text) ? Number(text) : NaN;
  if (count >= 1 && count <= fetchersMax) return count;
  throw refuse(`--fetchers takes a whole number from 1 to ${fetchersMax}, not "${text}".`);
};

/**
 * @param {readonly string[]} argv
 * @returns {{ fetchers: number, logs: boolean, help: boolean }}
 * @throws {StartProblem} exit code 2 for anything that is not an option of ours
 */
export const parseOptions = (argv) => {
  const { tokens } = parseArgs({
    args: [...argv],
    strict: false,
    tokens: true,
    options: {
      fetchers: { type: 'string' },
      logs: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const options = { fetchers: 1, logs: false, help: false };
  for (const token of tokens) {
    if (token.kind === 'positional') throw refuse(`"${token.value}" is not an option.`);
    if (token.kind === 'option-terminator') continue;
    if (token.name === 'fetchers') {
      options.fetchers = fetchersFrom(String(token.value ?? ''));
    } else if (token.name === 'logs' || token.name === 'help') {
      if (token.value !== undefined) throw refuse(`${token.rawName} takes no value.`);
      options[token.name] = true;
    } else throw refuse(`${token.rawName} is not an option.`);
  }
  return options;
};
