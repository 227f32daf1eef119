import { StartProblem } from './problem.mjs';

/**
 * What the launcher itself must know of the environment, checked before anything starts. The rest (plan, telemetry,
 * limits of each app …) is judged by the apps' own schemas, whose words the launcher repeats when one refuses to start.
 *
 * @typedef {object} Settings
 * @property {string} host address all apps listen on
 * @property {{ gateway: number, fetcher: number, health: number, sandbox: number }} ports 0: any free one
 * @property {string | undefined} apiKey the vendor key; absent: the sandbox stands in
 * @property {string | undefined} baseUrl
 * @property {string | undefined} wsUrl
 * @property {string} plan
 * @property {number} rpm requests per window
 * @property {number} windowMs
 * @property {string | undefined} redisUrl
 * @property {string | undefined} redisServerBin
 */

/** Which variable sets the port of which app. */
export const portVariables = /** @type {const} */ ({
  gateway: 'GATEWAY_PORT',
  fetcher: 'FETCHER_PORT',
  health: 'HEALTH_PORT',
  sandbox: 'SANDBOX_PORT',
});

const portDefaults = { gateway: 3000, fetcher: 3001, health: 3002, sandbox: 3900 };

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/i;

/**
 * @param {NodeJS.ProcessEnv} env an empty value counts as absent
 * @returns {Settings}
 * @throws {StartProblem} one sentence a line, all problems at once
 */
export const readSettings = (env) => {
  /** @type {string[]} */
  const problems = [];
  const text = (/** @type {string} */ name) => env[name]?.trim() || undefined;

  /** @param {string} name @param {number} fallback @param {number} min @param {number} max */
  const whole = (name, fallback, min, max) => {
    const value = text(name);
    if (value === undefined) return fallback;
    const number = /^\d{1,9}$/.test(value) ? Number(value) : NaN;
    if (number >= min && number <= max) return number;
    problems.push(`${name} must be a whole number from ${min} to ${max}, not "${value}".`);
    return fallback;
  };

  /**
   * The value itself is not repeated in the sentence: a URL may hold a password.
   * @param {string} name @param {string} secure @param {string} plain @param {boolean} plainAnywhere
   */
  const url = (name, secure, plain, plainAnywhere) => {
    const value = text(name);
    if (value === undefined) return undefined;
    const parsed = URL.canParse(value) ? new URL(value) : undefined;
    const fits =
      parsed !== undefined &&
      parsed.hostname !== '' &&
      (plainAnywhere || (parsed.username === '' && parsed.password === '')) &&
      (parsed.protocol === secure ||
        (parsed.protocol === plain && (plainAnywhere || loopback.test(parsed.hostname))));
    if (fits) return value;
    const where = plainAnywhere ? '' : ' on this machine';
    problems.push(
      `${name} is not a usable URL: it must look like ${secure}//host${plainAnywhere ? ':port' : ''} (or ${plain}//host:port${where}).`,
    );
    return undefined;
  };

  const settings = {
    host: text('HOST') ?? '127.0.0.1',
    ports: {
      gateway: whole(portVariables.gateway, portDefaults.gateway, 0, 65_535),
      fetcher: whole(portVariables.fetcher, portDefaults.fetcher, 0, 65_535),
      health: whole(portVariables.health, portDefaults.health, 0, 65_535),
      sandbox: whole(portVariables.sandbox, portDefaults.sandbox, 0, 65_535),
    },
    apiKey: text('COINGLASS_API_KEY'),
    baseUrl: url('COINGLASS_BASE_URL', 'https:', 'http:', false),
    wsUrl: url('COINGLASS_WS_URL', 'wss:', 'ws:', false),
    plan: text('COINGLASS_PLAN') ?? 'standard',
    rpm: whole('COINGLASS_RPM', 250, 1, 100_000),
    windowMs: whole('COINGLASS_WINDOW_MS', 60_000, 100, 600_000),
    redisUrl: url('REDIS_URL', 'rediss:', 'redis:', true),
    redisServerBin: text('REDIS_SERVER_BIN'),
  };

  if (settings.apiKey === undefined) {
    for (const name of ['COINGLASS_BASE_URL', 'COINGLASS_WS_URL'])
      if (text(name) !== undefined)
        problems.push(
          `${name} is set but COINGLASS_API_KEY is not: set the key to use that upstream, or unset ${name} to start with the sandbox.`,
        );
    if (text('NODE_ENV') === 'production')
      problems.push(
        'NODE_ENV is production but COINGLASS_API_KEY is not set: the sandbox invents its figures and is never started in production.',
      );
  }
  problems.push(...portClashes(settings));
  if (problems.length > 0) throw new StartProblem(problems.join('\n'));
  return settings;
};

/** @param {Pick<Settings, 'ports' | 'apiKey'>} settings */
const portClashes = ({ ports, apiKey }) => {
  /** @type {Map<number, string>} */
  const owners = new Map();
  /** @type {string[]} */
  const clashes = [];
  for (const app of /** @type {(keyof typeof portVariables)[]} */ (Object.keys(portVariables))) {
    const port = ports[app];
    if (port === 0 || (app === 'sandbox' && apiKey !== undefined)) continue;
    const other = owners.get(port);
    if (other !== undefined)
      clashes.push(
        `${other} and ${portVariables[app]} are both ${port}: give each app a port of its own.`,
      );
    else owners.set(port, portVariables[app]);
  }
  return clashes;
};
