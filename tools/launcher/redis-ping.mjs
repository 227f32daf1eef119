import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { StartProblem } from './problem.mjs';

/** Asks a Redis whether it is there and lets us in. Three commands need no client library. */

const boundMs = 2000;

/**
 * The URL as it may be shown: without user and password.
 * @param {string} url
 */
export const shownRedisUrl = (url) => {
  const { protocol, hostname, port, pathname } = new URL(url);
  return `${protocol}//${hostname}:${port || '6379'}${pathname === '/' ? '' : pathname}`;
};

/** @param {readonly string[]} words */
const command = (words) =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;

/** @param {URL} url @returns {string[][]} */
const commandsFor = (url) => {
  const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  if (!password) return [['PING']];
  return [user ? ['AUTH', user, password] : ['AUTH', password], ['PING']];
};

/**
 * @param {string} redisUrl
 * @param {number} [timeoutMs]
 * @returns {Promise<string | undefined>} undefined when it answers, else the reason as the end of a sentence
 */
export const redisTrouble = (redisUrl, timeoutMs = boundMs) =>
  new Promise((resolve) => {
    const url = new URL(redisUrl);
    const commands = commandsFor(url);
    const port = Number(url.port || 6379);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const socket =
      url.protocol === 'rediss:'
        ? connectTls({ host, port, servername: host })
        : connectTcp({ host, port });
    let received = '';
    /** @param {string} [reason] */
    const settle = (reason) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(reason);
    };
    const timer = setTimeout(() => settle(`no answer within ${timeoutMs / 1000} s`), timeoutMs);
    socket.on('error', (error) => settle(plainly(error)));
    socket.on('close', () => settle('it closed the connection'));
    socket.on(url.protocol === 'rediss:' ? 'secureConnect' : 'connect', () =>
      socket.write(commands.map(command).join('')),
    );
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      const refusal = /^-([^\r]*)\r\n/m.exec(received);
      if (refusal?.[1] !== undefined) settle(reasonFor(refusal[1]));
      else if (/^\+PONG\r\n/m.test(received)) settle();
      else if (!/^[+-]/.test(received) || received.length > 4096)
        settle('what listens there is no Redis');
    });
  });

/** @param {NodeJS.ErrnoException} error */
const plainly = ({ code, message }) => {
  if (code === 'ECONNREFUSED') return 'nothing listens there';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'its host name is unknown';
  return code ?? message;
};

/** @param {string} refusal Redis' own error line; it never repeats the password */
const reasonFor = (refusal) =>
  /^(NOAUTH|WRONGPASS)|invalid password/.test(refusal)
    ? 'it refuses the user or password'
    : `it says "${refusal.slice(0, 120)}"`;

/**
 * @param {string} redisUrl
 * @throws {StartProblem} one sentence without the password
 */
export const requireRedis = async (redisUrl) => {
  const reason = await redisTrouble(redisUrl);
  if (reason !== undefined)
    throw new StartProblem(
      `Redis at ${shownRedisUrl(redisUrl)} (REDIS_URL) cannot be used: ${reason}. Start it or correct REDIS_URL; without REDIS_URL a private Redis is started for you.`,
    );
};
