/**
 * Who may import whom, as data: eslint.config.mjs makes lint rules of it, walls.test.mjs holds the packages against it.
 * The reasons are in docs/architecture.md.
 */

/**
 * @typedef {object} Wall
 * @property {string} folder from the root
 * @property {readonly string[]} may which packages of ours it may import
 * @property {readonly string[]} [bans] packages it must not know
 * @property {string} remedy what to do instead
 */

const nest = '@nestjs/*';
const handed =
  'is handed what it needs by the app that uses it (an ioredis client, a clock, a logger)';

/** @type {readonly Wall[]} */
export const walls = [
  {
    folder: 'libs/coinglass-client',
    may: [],
    bans: [nest, 'bullmq', 'ioredis'],
    remedy: `coinglass-client knows CoinGlass and nothing of Nest, Redis or BullMQ; it ${handed}`,
  },
  {
    folder: 'libs/rate-limiter',
    may: [],
    bans: [nest, 'bullmq'],
    remedy: `rate-limiter ${handed}; shapes meet structurally in the fetcher`,
  },
  {
    folder: 'libs/fetch-queue',
    may: ['coinglass-client'],
    bans: [nest],
    remedy: `fetch-queue knows coinglass-client's catalogue alone; else it ${handed}`,
  },
  {
    folder: 'libs/flags',
    may: [],
    bans: [nest, 'bullmq'],
    remedy: `flags ${handed}`,
  },
  {
    folder: 'libs/canary',
    may: [],
    bans: [nest, 'bullmq'],
    remedy: `canary judges counts and knows neither vendor nor queue; it ${handed}`,
  },
  {
    folder: 'libs/teams',
    may: [],
    bans: [nest, 'bullmq'],
    remedy: `teams ${handed}`,
  },
  {
    folder: 'libs/service-kit',
    may: [],
    bans: [nest, 'bullmq'],
    remedy: `service-kit serves every process and so knows none of our libraries; it ${handed}`,
  },
  {
    folder: 'libs/private-redis',
    may: [],
    bans: [nest, 'bullmq'],
    remedy: 'private-redis serves the specs of every package and so knows none of them',
  },
  {
    folder: 'apps/gateway',
    may: ['canary', 'coinglass-client', 'fetch-queue', 'flags', 'service-kit', 'teams'],
    remedy:
      'the gateway never talks to the vendor and takes no permits: add a job and wait for its answer',
  },
  {
    folder: 'apps/fetcher',
    may: [
      'canary',
      'coinglass-client',
      'fetch-queue',
      'flags',
      'rate-limiter',
      'service-kit',
      'teams',
    ],
    remedy: 'apps know libraries, never each other: move what is shared into a library',
  },
  {
    folder: 'apps/health',
    may: ['canary', 'coinglass-client', 'fetch-queue', 'flags', 'service-kit'],
    remedy:
      'health asks through the queue like everyone and takes no permits: add a job and wait for its answer',
  },
  {
    folder: 'apps/sandbox',
    may: [],
    remedy: 'the sandbox has facts of its own, so that it can contradict ours',
  },
  {
    folder: 'e2e',
    may: ['gateway', 'fetcher', 'health', 'sandbox'],
    remedy: 'the end-to-end tests use the running processes, not their insides',
  },
  {
    folder: 'proof',
    may: ['canary', 'coinglass-client', 'rate-limiter'],
    bans: [nest, 'bullmq'],
    remedy:
      'the proof runs the pipeline over the limiter and plays rollouts to the verdict, and needs no more of the house',
  },
];

/** What specs and `src/testing` may import beside that, and nothing that is shipped: it starts servers and belongs in no process. */
export const forTests = ['private-redis'];

/** What of coinglass-client reaches the vendor: for the fetcher, the one door, alone. */
export const wireNames = ['createHttpWire', 'createPipeline', 'probeStream'];

/** Nx tags that these walls know; a tag that no rule lists would be silent. */
export const knownTags = new Set([
  'type:app',
  'type:lib',
  'type:testing',
  'type:e2e',
  'type:proof',
  ...walls.map(({ folder }) => `scope:${folder.split('/').at(-1)}`),
]);
