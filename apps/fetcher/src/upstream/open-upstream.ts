import type { MinuteLedger } from '@glasshouse/canary';
import {
  createHttpWire,
  createPipeline,
  type AttemptRecord,
  type Call,
  type HttpWire,
  type Page,
} from '@glasshouse/coinglass-client';
import {
  createRedisRateLimiter,
  type RateLimiter,
  type RateLimiterEvent,
  type ThrottleCause,
} from '@glasshouse/rate-limiter';
import {
  createMask,
  describeUpstream,
  type createRedis,
  type Logger,
} from '@glasshouse/service-kit';
import type { FetcherConfig } from '../config.ts';
import type { CanaryClient } from '../arms/canary-client.ts';
import { followLimit, noteInLedger } from '../arms/note-in-ledger.ts';
import type { CanaryTerms, FetchUpstream } from '../fetch/answer-fetch.ts';
import { countSending } from '../fetch/spending.ts';
import { createLimiterMetrics } from './limiter-metrics.ts';
import { keyDigestOf } from './key-digest.ts';

export interface OpenUpstreamParts {
  readonly config: FetcherConfig;
  /** Fails fast: without an answer there is no permit. */
  readonly redis: ReturnType<typeof createRedis>;
  readonly logger: Logger;
  /** Told of each sending, on whose account it was. */
  readonly onSpent: (team: string) => void;
  readonly canary: CanaryClient;
  readonly ledger: MinuteLedger;
}

/** Everything that leaves the house leaves by `pipeline`. */
export interface OpenUpstream extends FetchUpstream {
  /** Names this upstream, plan and key wherever what one of them says must not be taken for another's word. */
  readonly scope: string;
  readonly wsUrl: string | undefined;
  readonly apiKey: () => string;
  readonly limiter: RateLimiter;
  /** By the client of the call's arm. */
  readonly pipeline: (call: Call) => Promise<Page>;
  readonly canary: CanaryTerms;
  close(): Promise<void>;
}

/** The door to the vendor: key, wire, permits and pipeline, put together in one place. */
export const openUpstream = ({
  config,
  redis,
  logger,
  onSpent,
  canary,
  ledger,
}: OpenUpstreamParts): OpenUpstream => {
  const { origin, source, wsUrl } = describeUpstream(config);
  const plan = config.COINGLASS_PLAN;
  const apiKey = (): string => config.COINGLASS_API_KEY.reveal();
  const keyDigest = keyDigestOf(apiKey());
  const limiter = createRedisRateLimiter({
    redis,
    upstream: origin,
    keyDigest,
    limit: config.COINGLASS_RPM,
    windowMs: config.COINGLASS_WINDOW_MS,
    onEvent: (event) => {
      tellLimiterEvent(logger, event);
      limits.count(event);
    },
  });
  const limits = createLimiterMetrics(limiter);
  const noted = noteInLedger(ledger);
  const wireTo = (baseUrl: string) => createHttpWire({ baseUrl, apiKey, onSent: noted.sent });
  const clientAt = (wire: HttpWire, own: CanaryClient['pipeline'] = {}): OpenUpstream['pipeline'] =>
    createPipeline({
      wire,
      permits: limiter,
      permitBook: noted,
      mask: createMask([apiKey()]),
      onAttempt: (record) => {
        countSending(record);
        limits.waited(record);
        onSpent(record.team);
        noted.attempt(record);
        tellAttempt(logger, record);
      },
      ...own,
    });
  const { baseUrl: canaryUrl = config.COINGLASS_BASE_URL } = canary;
  const wires = [wireTo(config.COINGLASS_BASE_URL), wireTo(canaryUrl)] as const;
  // One limiter: the key is the same wherever it is sent, and so is what the vendor allows it.
  const [asBaseline, asCanary] = [clientAt(wires[0]), clientAt(wires[1], canary.pipeline)];
  const unfollowLimit = followLimit(limiter, ledger, config.CANARY_MINUTE_MS);
  return {
    origin,
    plan,
    source,
    sandboxAllowed: config.NODE_ENV !== 'production',
    scope: `${origin}|${plan}|${keyDigest}`,
    wsUrl,
    apiKey,
    limiter,
    pipeline: (call) =>
      call.arm === 'canary'
        ? asCanary({ ...call, endpoint: canary.endpoint(call.endpoint) })
        : asBaseline(call),
    canary: {
      ...canary,
      source: describeUpstream({ ...config, COINGLASS_BASE_URL: canaryUrl }).source,
    },
    close: async () => {
      unfollowLimit();
      limits.stop();
      await limiter.close();
      await Promise.all(wires.map((wire) => wire.close()));
    },
  };
};

/** One line for each sending; the URL is not in it, path and params are. */
const tellAttempt = (logger: Logger, record: AttemptRecord): void => {
  if (record.failureKind === undefined) logger.info(record, 'asked CoinGlass');
  else logger.warn(record, 'CoinGlass gave no answer');
};

const causeWords: Readonly<Record<ThrottleCause, string>> = {
  'own-overshoot': 'CoinGlass throttled a request: we sent more than the limit, which is a bug',
  'foreign-use': 'CoinGlass throttled a request: somebody else uses the vendor key',
  'plan-change': 'CoinGlass throttled a request: it allows fewer requests than we thought',
  'vendor-fault': 'CoinGlass throttled a request though there was room by its count or ours',
};

const tellLimiterEvent = (logger: Logger, event: RateLimiterEvent): void => {
  const line = { ...event, event: `limiter.${event.kind}` };
  switch (event.kind) {
    case 'throttled':
      return logger.warn(line, causeWords[event.cause]);
    case 'paused':
      return logger.warn(line, 'CoinGlass throttles us: all requests pause');
    case 'state-lost':
      return logger.warn(
        line,
        'the limiter’s state is not in Redis: no requests until its lease and a window have passed',
      );
    case 'foreign-use':
      return logger.warn(line, 'somebody else uses the vendor key');
    case 'limit-changed':
      return logger.info(line, 'the limit in force has changed');
  }
};
