/**
 * Which process may see which variable. Every environment is built from these lists and nothing is inherited: a new
 * secret in the user's shell reaches no app by accident, and the vendor key reaches the fetcher alone.
 */

/** What any program needs of its surroundings. */
const surroundings = [
  ...[
    'PATH',
    'HOME',
    'USER',
    'LOGNAME',
    'SHELL',
    'LANG',
    'LANGUAGE',
    'TZ',
    'TMPDIR',
    'TMP',
    'TEMP',
  ],
  ...['SystemRoot', 'ComSpec', 'PATHEXT', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA'],
  ...['LD_LIBRARY_PATH', 'SSL_CERT_FILE', 'SSL_CERT_DIR'],
];

/** What every app of ours may be told. */
const forApps = [
  ...['NODE_ENV', 'NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS', 'NODE_COMPILE_CACHE', 'LOG_LEVEL'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'],
  'NODE_USE_ENV_PROXY',
];
const prefixesForApps = ['LC_', 'OTEL_', 'GLASSHOUSE_'];

/** What the three apps of the house share; the sandbox, as the vendor's stand-in, knows none of it. */
const forHouse = [
  ...['COINGLASS_PLAN', 'COINGLASS_RPM', 'COINGLASS_WINDOW_MS', 'COINGLASS_ALLOW_CUSTOM_UPSTREAM'],
  ...['FLAGS_FILE', 'FLAGS_LAST_KNOWN_GOOD_FILE', 'ANSWER_STORE_MB'],
  ...['COINGLASS_CANARY_FILE', 'CANARY_MINUTE_MS'],
];
const prefixesForHouse = ['REDIS_'];

/** The launcher decides about these in each run, whatever the shell says. */
const neverPassedOn = ['REDIS_SERVER_BIN', 'GLASSHOUSE_FRESH_REDIS'];

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {{ names?: readonly string[], prefixes?: readonly string[] }} allowed
 * @returns {NodeJS.ProcessEnv} only what is allowed and set
 */
const pick = (env, { names = [], prefixes = [] }) =>
  Object.fromEntries(
    Object.entries(env).filter(
      ([name, value]) =>
        value !== undefined &&
        value !== '' &&
        !neverPassedOn.includes(name) &&
        (names.includes(name) || prefixes.some((prefix) => name.startsWith(prefix))),
    ),
  );

/** @param {Record<string, string | number | undefined>} values @returns {NodeJS.ProcessEnv} */
const present = (values) =>
  Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, String(value)]),
  );

/**
 * For programs that are not ours: builds, Redis, the caretaker.
 * @param {NodeJS.ProcessEnv} env
 */
export const plainEnv = (env) => pick(env, { names: surroundings, prefixes: ['LC_'] });

/**
 * For a command that asks a gateway and nothing else of the house.
 * @param {NodeJS.ProcessEnv} env
 */
export const gatewayEnv = (env) =>
  pick(env, { names: [...surroundings, ...forApps], prefixes: prefixesForApps });

/**
 * @param {NodeJS.ProcessEnv} env the launcher's own
 * @param {{ host: string, port: number, key: string, windowMs: number }} sandbox
 * @returns {NodeJS.ProcessEnv}
 */
export const sandboxEnv = (env, { host, port, key, windowMs }) => ({
  ...pick(env, {
    names: [...surroundings, ...forApps],
    prefixes: [...prefixesForApps, 'SANDBOX_'],
  }),
  ...present({
    HOST: host,
    SANDBOX_PORT: port,
    SANDBOX_KEY: key,
    SANDBOX_WINDOW_MS: env['SANDBOX_WINDOW_MS'] || windowMs,
  }),
});

/**
 * @param {NodeJS.ProcessEnv} env the launcher's own
 * @param {object} facts
 * @param {'gateway' | 'fetcher' | 'health'} facts.app
 * @param {string} facts.host
 * @param {number} facts.port
 * @param {string} facts.redisUrl
 * @param {Pick<import('./upstream.mjs').Upstream, 'baseUrl' | 'wsUrl' | 'apiKey'>} facts.upstream
 * @param {boolean} [facts.isRedisFresh] nobody can have used the key's window before: only the fetcher hears of it
 * @returns {NodeJS.ProcessEnv}
 */
export const houseEnv = (env, { app, host, port, redisUrl, upstream, isRedisFresh = false }) => ({
  ...pick(env, {
    names: [...surroundings, ...forApps, ...forHouse],
    prefixes: [...prefixesForApps, ...prefixesForHouse, `${app.toUpperCase()}_`],
  }),
  ...present({
    HOST: host,
    [`${app.toUpperCase()}_PORT`]: port,
    REDIS_URL: redisUrl,
    COINGLASS_BASE_URL: upstream.baseUrl,
    COINGLASS_WS_URL: upstream.wsUrl,
  }),
  ...(app === 'fetcher'
    ? present({
        COINGLASS_API_KEY: upstream.apiKey,
        GLASSHOUSE_FRESH_REDIS: isRedisFresh ? 'true' : undefined,
      })
    : {}),
});
