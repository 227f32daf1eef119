import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartProblem } from './problem.mjs';

/** Waits for apps to say that they are ready, and tells why one is not. */

const pollEveryMs = 100;
const answerBytesMax = 1024 * 1024;

/**
 * A plain request of our own: no agent that keeps sockets, no proxy, no redirects.
 *
 * @param {string} url
 * @param {number} [timeoutMs]
 * @returns {Promise<{ status: number, body: string }>}
 */
export const ask = (url, timeoutMs = 2000) =>
  new Promise((resolve, reject) => {
    const request = get(url, { agent: false, signal: AbortSignal.timeout(timeoutMs) }, (answer) => {
      let body = '';
      answer.setEncoding('utf8');
      answer.on('data', (/** @type {string} */ chunk) => {
        body += chunk;
        if (body.length > answerBytesMax) request.destroy(new Error('the answer is too large'));
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
      answer.on('error', reject);
    });
    request.on('error', reject);
  });

/**
 * @param {import('./processes.mjs').ManagedProcess} app
 * @param {{ url: string, boundMs?: number, logPath?: string }} options
 * @returns {Promise<void>} once the URL answers 200
 * @throws {StartProblem} with the app's last lines, when it ends first or is not ready in time
 */
export const untilReady = async (app, { url, boundMs = 60_000, logPath }) => {
  const until = Date.now() + boundMs;
  const where = logPath === undefined ? '' : ` All its lines: ${logPath}.`;
  let lastAnswer = 'it did not answer';
  while (app.ended === undefined && Date.now() < until) {
    try {
      const { status, body } = await ask(url);
      if (status === 200) return;
      lastAnswer = `it answered ${status} ${body.slice(0, 200)}`.trim();
    } catch (error) {
      lastAnswer = `it did not answer (${/** @type {NodeJS.ErrnoException} */ (error).code ?? 'no answer'})`;
    }
    await Promise.race([sleep(pollEveryMs), app.exited]);
  }
  if (app.ended !== undefined)
    throw new StartProblem(
      `The ${app.name} ended before it was ready (${app.ended.told}).${where}`,
      {
        lastWords: app.tail,
      },
    );
  throw new StartProblem(
    `The ${app.name} was not ready within ${boundMs / 1000} s: ${lastAnswer} at ${url}.${where}`,
    { lastWords: app.tail },
  );
};
