import { createServer } from 'node:net';
import { StartProblem } from './problem.mjs';

/**
 * Ports are tried by listening on them for a moment: no list of used ports is as sure, and the reason comes with it.
 *
 * @param {number} port 0: any free one
 * @param {string} host
 * @returns {Promise<number>} the port that was free
 */
const tryPort = (port, host) =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      const taken = typeof address === 'object' && address !== null ? address.port : port;
      server.close(() => resolve(taken));
    });
  });

/** @param {string} [host] */
export const freePort = (host = '127.0.0.1') => tryPort(0, host);

/**
 * @param {{ app: string, variable: string, port: number, host: string, holder?: string | undefined }} wanted
 *   `holder`: who is known to hold it, as the end of a sentence
 * @returns {Promise<number>} the port to use (a free one for 0)
 * @throws {StartProblem} the port, the variable and the remedy in one sentence
 */
export const claimPort = async ({ app, variable, port, host, holder }) => {
  try {
    return await tryPort(port, host);
  } catch (error) {
    throw new StartProblem(sentenceFor(error, { app, variable, port, host, holder }));
  }
};

/**
 * @param {unknown} error
 * @param {{ app: string, variable: string, port: number, host: string, holder?: string | undefined }} wanted
 */
const sentenceFor = (error, { app, variable, port, host, holder }) => {
  const code = /** @type {NodeJS.ErrnoException} */ (error).code;
  if (code === 'EADDRINUSE')
    return `Port ${port} for the ${app} (${variable}) is taken${holder ? ` by ${holder}` : ''}: stop what listens there, or set ${variable} to another port.`;
  if (code === 'EACCES')
    return `Port ${port} for the ${app} (${variable}) may not be used by this user: set ${variable} to a port above 1023.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `HOST is "${host}", which is no address of this machine: set HOST to 127.0.0.1, or to 0.0.0.0 for all of its addresses.`;
  return `The ${app} cannot listen on ${host}:${port} (${variable}): ${/** @type {Error} */ (error).message}.`;
};

/**
 * The address at which this machine reaches what listens on `host`.
 * @param {string} host
 */
export const reachableHost = (host) => {
  if (host === '0.0.0.0' || host === '') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
};
