import { createHash } from 'node:crypto';

/** The hash tag keeps all keys of the house in one Cluster slot, and scripts over several of them legal. */
export const keyPrefix = '{coinglass}';

/** BullMQ's queue, which anyone may add to. */
export const queueNames = { shared: 'coinglass-fetch' } as const;

/** What the gateway's and health's own lane is called in logs and spans; in Redis it is `redisKeys.asks`. */
export const askLaneName = 'coinglass-interactive';

/** What an answer is an answer to. Two asks that mean the same have the same identity, two that do not never have. */
export interface AnswerIdentity {
  /** Origin of the upstream's base URL: a sandbox answer can never pass for a vendor's. */
  readonly origin: string;
  readonly plan: string;
  readonly endpoint: string;
  /** Canonical native params, the asked or served interval among them. */
  readonly params: Readonly<Record<string, string>>;
  /** Names the client that fetched it, while that is on trial: what it says is nobody else's answer. */
  readonly onTrial?: string | undefined;
}

/** 132 bits of SHA-256 over the identity, URL-safe, with the version of the stored shape in front. */
export const answerKeyOf = ({
  origin,
  plan,
  endpoint,
  params,
  onTrial,
}: AnswerIdentity): string => {
  const sorted = Object.entries(params).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const identity = JSON.stringify([
    origin,
    plan,
    endpoint,
    sorted,
    ...(onTrial === undefined ? [] : [onTrial]),
  ]);
  return `v1.${createHash('sha256').update(identity).digest('base64url').slice(0, 22)}`;
};

/**
 * Names a question for deduplication in a queue: a strict ask must not ride on a job that may change the
 * interval, a probe must not be satisfied by a stored answer, and a call whose client is on trial must not answer for the others.
 */
export const askIdOf = (
  askedKey: string,
  {
    strict,
    fresh,
    onTrial = false,
  }: { readonly strict: boolean; readonly fresh: boolean; readonly onTrial?: boolean },
): string =>
  `${askedKey}${strict ? '.strict' : ''}${fresh ? '.fresh' : ''}${onTrial ? '.canary' : ''}`;

export const redisKeys = {
  answer: (key: string) => `${keyPrefix}:answer:${key}`,
  pointer: (askedKey: string) => `${keyPrefix}:pointer:${askedKey}`,
  lock: (key: string) => `${keyPrefix}:lock:${key}`,
  outcome: (jobId: string) => `${keyPrefix}:outcome:v1:${jobId}`,
  refusal: (scope: string, key: string) => `${keyPrefix}:refusal:v1:${scope}:${key}`,
  /** The interactive lane: a stream of asks. */
  asks: `${keyPrefix}:asks:v1`,
  /** Which ask stands for a question (`askIdOf`) at the moment. */
  question: (askId: string) => `${keyPrefix}:question:v1:${askId}`,
  /** How many processes have died over an ask while it ran apart. */
  askDeaths: (jobId: string) => `${keyPrefix}:ask-deaths:v1:${jobId}`,
  /** Pub/sub channel on which outcomes are announced. */
  outcomes: `${keyPrefix}:outcomes`,
  /** Bookkeeping of the answer store's byte budget. */
  used: `${keyPrefix}:answers:used`,
  sizes: `${keyPrefix}:answers:sizes`,
  expiries: `${keyPrefix}:answers:expiries`,
  bytes: `${keyPrefix}:answers:bytes`,
  /** What is kept of a job that has an owner, beside the queue and longer. */
  jobRecord: (jobId: string) => `${keyPrefix}:job:v1:${jobId}`,
  /** There while a job that runs is to stop. */
  cancelled: (jobId: string) => `${keyPrefix}:cancelled:v1:${jobId}`,
  /** Which job an Idempotency-Key of a team stands for. */
  submission: (team: string, digest: string) => `${keyPrefix}:submission:v1:${team}:${digest}`,
  /** Ids of owned jobs by the time of their submission: a team's, or everybody's (`*`), in one of their states. */
  jobIndex: (team: string, state: string) => `${keyPrefix}:jobs:v1:${team}:${state}`,
  /** What all of these begin with. */
  jobIndexes: `${keyPrefix}:jobs:v1:`,
} as const;
