// A vendor that counts: it answers 429 past its limit, by a sliding log or by windows of the clock, and remembers every arrival.
// GET /ask is a request; PUT /count?by=sliding|aligned begins anew; GET /arrivals tells them.
import { createServer } from 'node:http';

const [port, limit, windowMs] = process.argv.slice(2).map(Number);
if (!port || !limit || !windowMs) throw new Error('vendor.mjs <port> <limit> <window ms>');

let by = 'sliding';
/** @type {{ at: number, allowed: boolean }[]} at in epoch ms */
let arrivals = [];
/** Times of allowed requests that still count. @type {number[]} */
let counted = [];

/** Refused requests do not count, which is kind to those who send too many. @param {number} at */
const allows = (at) => {
  const from = by === 'sliding' ? at - windowMs : Math.floor(at / windowMs) * windowMs;
  while (counted[0] !== undefined && (by === 'sliding' ? counted[0] <= from : counted[0] < from)) {
    counted.shift();
  }
  if (counted.length >= limit) return false;
  counted.push(at);
  return true;
};

const ask = (/** @type {import('node:http').ServerResponse} */ response) => {
  const at = performance.timeOrigin + performance.now();
  const allowed = allows(at);
  arrivals.push({ at, allowed });
  setTimeout(() => response.writeHead(allowed ? 200 : 429).end('{}'), 20 + Math.random() * 20);
};

createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://vendor');
  if (pathname === '/ask') return ask(response);
  if (pathname === '/arrivals') return response.end(JSON.stringify(arrivals));
  if (pathname === '/count') {
    by = searchParams.get('by') ?? 'sliding';
    [arrivals, counted] = [[], []];
  }
  return response.end('{}');
}).listen(port, '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
