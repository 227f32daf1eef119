import { AnswerStore, RedisRefusalMemory } from '@glasshouse/fetch-queue';
import { standingArm, type Arm, type Flags } from '@glasshouse/flags';
import type { createRedis, Logger } from '@glasshouse/service-kit';
import type { FetcherConfig } from '../config.ts';
import { createStreamProbe, type StreamProbe } from '../stream/stream-probe.ts';
import { createFallbackStart } from '../switches/fallback-start.ts';
import { createKillSwitches } from '../switches/kill-switches.ts';
import type { OpenUpstream } from '../upstream/open-upstream.ts';
import { FetchDesk, type FetchDeskParts } from './fetch-desk.ts';

export interface OpenDeskParts {
  readonly config: FetcherConfig;
  readonly upstream: OpenUpstream;
  /** For answers of some MB, which must not stand before anything else. */
  readonly answers: ReturnType<typeof createRedis>;
  readonly flags: Flags;
  readonly logger: Pick<Logger, 'warn'>;
}

export interface OpenDesk {
  readonly desk: FetchDesk;
  readonly probeStream: StreamProbe;
  /** Resolves to why an endpoint may not be asked, or to undefined. */
  readonly forbidden: FetchDeskParts['forbidden'];
  /** The arm of what is fetched for everybody. */
  readonly standing: () => Promise<Arm>;
}

/** What works on jobs, in this process or in the quarantine: desk and stream probe behind the same switches. */
export const openDesk = ({ config, upstream, answers, flags, logger }: OpenDeskParts): OpenDesk => {
  const switches = createKillSwitches(flags);
  const standing = () => standingArm(flags);
  const forbidden = (id: string) => switches.endpoint(id);
  return {
    forbidden,
    standing,
    desk: new FetchDesk({
      upstream,
      pipeline: upstream.pipeline,
      store: new AnswerStore({
        redis: answers,
        bytesMax: config.ANSWER_STORE_MB * 1_024 * 1_024,
      }),
      refusals: new RedisRefusalMemory(answers, upstream.scope),
      canaryRefusals: new RedisRefusalMemory(
        answers,
        `${upstream.scope}|canary ${upstream.canary.digest}`,
      ),
      onNotStored: ({ key, endpoint }, thrown) => {
        const line = { event: 'answer.not-stored', key, endpoint, err: thrown };
        logger.warn(line, 'an answer was handed over and could not be stored');
      },
      forbidden,
      standing,
      fallbackStart: createFallbackStart(flags),
    }),
    probeStream: createStreamProbe({
      wsUrl: upstream.wsUrl,
      apiKey: upstream.apiKey,
      source: upstream.source,
      forbidden: () => switches.egress(),
    }),
  };
};
