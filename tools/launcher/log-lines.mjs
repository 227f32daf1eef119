/**
 * Turns an app's log line (JSON by pino, or plain text when it failed before its logger stood) into what a person
 * reads in the terminal. Files keep the lines as they came.
 *
 * @typedef {object} LogLine
 * @property {'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'} level
 * @property {string} text
 */

/** @type {Record<number, LogLine['level']>} */
const levelNames = { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' };
const levelWords = new Set(Object.values(levelNames));
const dullFields = new Set([
  'level',
  'time',
  'timestamp',
  'pid',
  'hostname',
  'name',
  'service',
  'v',
]);
const textMax = 600;

/** @param {unknown} level @returns {LogLine['level']} */
const levelOf = (level) => {
  if (typeof level === 'number') return levelNames[level] ?? 'info';
  const word = /** @type {LogLine['level']} */ (String(level).toLowerCase());
  return levelWords.has(word) ? word : 'info';
};

/** @param {unknown} value */
const shown = (value) => (typeof value === 'string' ? value : JSON.stringify(value));

/**
 * @param {string} line
 * @param {'out' | 'err'} stream where it was said: plain text on stderr is a complaint, on stdout a remark
 * @returns {LogLine}
 */
export const readLogLine = (line, stream) => {
  /** @type {unknown} */
  let parsed;
  try {
    parsed = line.startsWith('{') ? JSON.parse(line) : undefined;
  } catch {
    parsed = undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) {
    const isComplaint = stream === 'err' && line.trim() !== '';
    return { level: isComplaint ? 'warn' : 'info', text: line.slice(0, textMax) };
  }
  const { msg, message, ...rest } = /** @type {Record<string, unknown>} */ (parsed);
  const facts = Object.entries(rest)
    .filter(([name, value]) => !dullFields.has(name) && value !== undefined && value !== null)
    .map(([name, value]) => `${name}=${shown(value)}`);
  const text = [shown(msg ?? message ?? ''), ...facts].filter((part) => part !== '').join('  ');
  return { level: levelOf(rest['level']), text: text.slice(0, textMax) };
};

/** @param {LogLine} line */
export const isProblem = ({ level }) => level === 'warn' || level === 'error' || level === 'fatal';

/**
 * Lets the same problem of the same app through once in a while, and says how often it was held back meanwhile:
 * a vendor that is down for an hour shall not fill the terminal.
 *
 * @param {{ everyMs?: number, now?: () => number }} [options]
 * @returns {(app: string, text: string) => { pass: boolean, heldBack: number }}
 */
export const createRepeatFilter = ({ everyMs = 30_000, now = Date.now } = {}) => {
  const keysMax = 200;
  /** @type {Map<string, { at: number, heldBack: number }>} */
  const seen = new Map();
  return (app, text) => {
    // Figures differ from line to line while the problem is the same.
    const key = `${app} ${text.slice(0, 80).replace(/\d+/g, '#')}`;
    const last = seen.get(key);
    if (last !== undefined && now() - last.at < everyMs) {
      last.heldBack += 1;
      return { pass: false, heldBack: last.heldBack };
    }
    if (seen.size >= keysMax) seen.clear();
    seen.set(key, { at: now(), heldBack: 0 });
    return { pass: true, heldBack: last?.heldBack ?? 0 };
  };
};

/**
 * Replaces secrets by value. The apps never log them; this holds for what speaks past their loggers.
 *
 * @param {readonly (string | undefined)[]} secrets
 * @returns {(line: string) => string}
 */
export const createMask = (secrets) => {
  const known = secrets.flatMap((secret) => (secret && secret.length >= 4 ? [secret] : []));
  return (line) => known.reduce((text, secret) => text.replaceAll(secret, '***'), line);
};
