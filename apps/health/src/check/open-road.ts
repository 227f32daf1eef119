import {
  AnswerStore,
  AskLane,
  FetchRequests,
  openQueue,
  OutcomeWatch,
} from '@glasshouse/fetch-queue';
import { createRedis, type Logger } from '@glasshouse/service-kit';
import { QueueRoad, type Road } from './road.ts';

export interface OpenRoad {
  readonly road: Road;
  /** The connection on which things are asked; it fails fast while Redis is away. */
  readonly redis: ReturnType<typeof createRedis>;
  readonly close: () => Promise<void>;
}

/** Everything needed to ask the fetcher, on two connections to Redis. Returns at once; Redis may come later. */
export const openRoad = (
  redisUrl: string,
  logger: Pick<Logger, 'info' | 'warn' | 'error'>,
): OpenRoad => {
  const redis = createRedis(redisUrl, 'producer', { logger, name: 'health' });
  const subscriber = createRedis(redisUrl, 'subscriber', { logger, name: 'health-outcomes' });
  const lane = new AskLane({ redis });
  const shared = openQueue('shared', redis);
  const watch = new OutcomeWatch({ redis, subscriber });
  watch.start();
  return {
    road: new QueueRoad({
      lane,
      requests: new FetchRequests({ lane, shared, watch }),
      answers: new AnswerStore({ redis }),
      redis,
    }),
    redis,
    close: async () => {
      watch.stop();
      await shared.close().catch(() => undefined);
      subscriber.disconnect();
      redis.disconnect();
    },
  };
};
