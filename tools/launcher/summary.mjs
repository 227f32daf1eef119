import { styleText } from 'node:util';

/**
 * What is printed when the house stands: where it is, whose figures it serves, what to try. Returns text; whoever calls
 * it writes it.
 *
 * @typedef {(style: Parameters<typeof styleText>[0], text: string) => string} Paint
 *
 * @typedef {object} SummaryFacts
 * @property {number} tookMs
 * @property {{ name: string, url: string, what: string }[]} apps
 * @property {string} redis
 * @property {'coinglass' | 'custom' | 'sandbox'} dataSource
 * @property {string | undefined} baseUrl
 * @property {string} plan
 * @property {number} rpm
 * @property {number} windowMs
 * @property {string} logFolder
 * @property {string} gatewayUrl
 * @property {{ open: boolean, told: string } | undefined} keys whether team keys are asked for
 * @property {number | undefined} quietMs how long the limiter lets nothing through, since it cannot know what was sent before
 */

/**
 * Colour only for a terminal that wants it: NO_COLOR, FORCE_COLOR and pipes are respected.
 * @param {import('node:tty').WriteStream | NodeJS.WritableStream} stream
 * @returns {Paint}
 */
export const paintFor = (stream) => (style, text) =>
  styleText(style, text, { stream: /** @type {any} */ (stream), validateStream: true });

/** @type {Paint} */
export const noPaint = (_style, text) => text;

const labelWidth = 11;
const meaningsMax = 3;

/** @type {Record<string, ['green' | 'yellow' | 'red', string]>} */
const verdictWords = {
  pass: ['green', 'start check passed'],
  warn: ['yellow', 'start check passed with warnings'],
  fail: ['red', 'start check FAILED'],
};

/** @param {string} label */
const padded = (label) => label.padEnd(labelWidth);

/** @param {number} ms */
export const seconds = (ms) => `${ms < 10_000 ? (ms / 1000).toFixed(1) : Math.round(ms / 1000)} s`;

/** @param {string} gatewayUrl @param {string} key the header that brings it, or nothing */
const toTry = (gatewayUrl, key) => [
  `curl ${key}'${gatewayUrl}/advanced/funding/rate/SOL'`,
  `curl ${key}'${gatewayUrl}/advanced/etf/flows'`,
  `curl ${key}'${gatewayUrl}/api/futures/open-interest/history?exchange=Binance&symbol=BTCUSDT&interval=4h&limit=5'`,
];

/** @param {Pick<SummaryFacts, 'dataSource' | 'baseUrl'>} facts @param {Paint} paint */
const sourceLine = ({ dataSource, baseUrl }, paint) => {
  if (dataSource === 'sandbox')
    return paint(
      ['bold', 'yellow'],
      'SANDBOX: every figure is invented; answers say "source":"sandbox"',
    );
  return dataSource === 'custom' ? `custom upstream ${baseUrl}` : 'CoinGlass, the real vendor';
};

/**
 * @param {SummaryFacts} facts
 * @param {Paint} [paint]
 */
export const summary = (facts, paint = noPaint) => {
  const urlWidth = Math.max(...facts.apps.map(({ url }) => url.length)) + 2;
  const row = (/** @type {string} */ label, /** @type {string} */ text) =>
    `  ${paint('cyan', padded(label))}${text}`;
  const quiet =
    facts.quietMs === undefined
      ? []
      : [
          row(
            'wait',
            `what this key sent before is not known: the first request to the vendor may wait up to ${seconds(facts.quietMs)}`,
          ),
        ];
  const keysRow =
    facts.keys === undefined
      ? []
      : [
          row(
            'keys',
            facts.keys.open
              ? `${paint('yellow', facts.keys.told)}; npm run keys -- create <team>`
              : facts.keys.told,
          ),
        ];
  return [
    '',
    `  ${paint(['bold', 'green'], 'Glasshouse is up')}  ${paint('dim', `after ${seconds(facts.tookMs)}`)}`,
    '',
    ...facts.apps.map(({ name, url, what }) =>
      row(name, `${url.padEnd(urlWidth)}${paint('dim', what)}`),
    ),
    row('redis', facts.redis),
    '',
    row('data', sourceLine(facts, paint)),
    row('limit', `plan ${facts.plan}, ${facts.rpm} requests in any ${seconds(facts.windowMs)}`),
    ...keysRow,
    ...quiet,
    row('logs', facts.logFolder),
    '',
    ...toTry(facts.gatewayUrl, facts.keys?.open === false ? '-H "CG-API-KEY: $KEY" ' : '').map(
      (line, index) => row(index === 0 ? 'try' : '', line),
    ),
    '',
    row('stop', 'Ctrl-C'),
    '',
  ].join('\n');
};

/**
 * @param {import('./start-check.mjs').StartCheck | undefined} check
 * @param {string} healthUrl
 * @param {Paint} [paint]
 */
export const checkLine = (check, healthUrl, paint = noPaint) => {
  const label = paint('cyan', padded('check'));
  if (check === undefined)
    return `  ${label}the start check is still running; its result: ${healthUrl}`;
  const { passed, warned, failed, meaning, earlierAt } = check;
  const [style, word] = verdictWords[check.verdict] ?? ['yellow', check.verdict];
  const counts = Object.entries({ passed, warned, failed })
    .filter(([name, number]) => number > 0 || name === 'passed')
    .map(([name, number]) => `${number} ${name}`);
  const details = failed + warned > 0 ? '; the table: npm run check' : '';
  const earlier =
    earlierAt === undefined
      ? ''
      : `; found at ${earlierAt} by an earlier run; anew: npm run check -- --fresh`;
  const sentences = meaning.slice(0, meaningsMax).map((sentence) => `  ${padded('')}${sentence}`);
  return [
    `  ${label}${paint(style, word)} (${counts.join(', ')})${details}${earlier}`,
    ...sentences,
  ].join('\n');
};

/** Said before anything else when there is no vendor key. @param {Paint} [paint] */
export const sandboxBanner = (paint = noPaint) => {
  const lines = [
    'NO VENDOR KEY: STARTING THE SANDBOX',
    'Every figure you will see is invented by a stand-in for CoinGlass.',
    'For real data set COINGLASS_API_KEY and start again.',
  ];
  const width = Math.max(...lines.map((line) => line.length));
  const edge = '═'.repeat(width + 4);
  return [`╔${edge}╗`, ...lines.map((line) => `║  ${line.padEnd(width)}  ║`), `╚${edge}╝`]
    .map((line) => `  ${paint(['bold', 'yellow'], line)}`)
    .join('\n');
};
