import {
  answerKeyOf,
  AnswerStore,
  AskLane,
  BackfillStore,
  FetchRequests,
  Instruments,
  instrumentsEndpoint,
  JobRecords,
  openQueue,
  OutcomeWatch,
} from '@glasshouse/fetch-queue';
import type { Flags } from '@glasshouse/flags';
import { traceparentOf } from '@glasshouse/service-kit';
import { Module, type DynamicModule } from '@nestjs/common';
import type { Redis } from 'ioredis';
import type { Deciding } from './asks/deciding.ts';
import { BackfillDesk } from './backfills/backfill-desk.ts';
import type { BulkLane } from './backfills/finish-estimate.ts';
import type { Arms } from './desk/arms.ts';
import { Desk } from './desk/desk.ts';
import { createInstruments } from './desk/instruments.ts';
import { createKillSwitches } from './desk/kill-switches.ts';
import { Refresher } from './desk/refresher.ts';
import { waitingOn } from './jobs/backlog.ts';
import { JobDesk } from './jobs/job-desk.ts';
import type { Memory } from './representations/memory.ts';

/** What main.ts opens before Nest: the hit path needs the memory ahead of the framework, all need connections. */
export interface GatewayParts {
  readonly flags: Flags;
  readonly arms: Arms;
  readonly memory: Memory;
  readonly upstream: Deciding['upstream'];
  readonly lane: BulkLane;
  /** Answers and queues fail fast: a reader waits behind them. */
  readonly redis: Readonly<Record<'answers' | 'queues' | 'outcomes', Redis>>;
}

/** Everything between a decided request and its answer, wired in one place. */
@Module({})
export class GatewayModule {
  static with({ flags, arms, memory, upstream, lane, redis }: GatewayParts): DynamicModule {
    return {
      module: GatewayModule,
      providers: [
        { provide: AnswerStore, useFactory: () => new AnswerStore({ redis: redis.answers }) },
        {
          provide: OutcomeWatch,
          useFactory: () => new OutcomeWatch({ redis: redis.answers, subscriber: redis.outcomes }),
        },
        {
          provide: FetchRequests,
          inject: [OutcomeWatch],
          useFactory: (watch: OutcomeWatch) =>
            new FetchRequests({
              lane: new AskLane({ redis: redis.queues }),
              shared: openQueue('shared', redis.queues),
              watch,
            }),
        },
        {
          provide: Instruments,
          inject: [AnswerStore, FetchRequests],
          useFactory: (store: AnswerStore, requests: FetchRequests) =>
            createInstruments({
              store,
              requests,
              answerKey: answerKeyOf({
                ...upstream,
                endpoint: instrumentsEndpoint.id,
                params: {},
              }),
              serves: arms.serves,
              traceparent: () => traceparentOf(),
            }),
        },
        { provide: BackfillStore, useFactory: () => new BackfillStore({ redis: redis.answers }) },
        {
          provide: BackfillDesk,
          inject: [BackfillStore, Instruments],
          useFactory: (store: BackfillStore, instruments: Instruments<number>) => {
            const shared = openQueue('shared', redis.queues);
            return new BackfillDesk({
              store,
              instruments,
              upstream,
              forbidden: createKillSwitches(flags),
              jobsWaiting: () => waitingOn(shared),
              lane,
            });
          },
        },
        {
          provide: Desk,
          inject: [AnswerStore, FetchRequests],
          useFactory: (store: AnswerStore, requests: FetchRequests) =>
            new Desk({
              memory,
              store,
              requests,
              refresher: new Refresher({ requests, traceparent: () => traceparentOf() }),
              forbidden: createKillSwitches(flags),
              arms,
              traceparent: () => traceparentOf(),
            }),
        },
        {
          provide: JobDesk,
          useFactory: () =>
            new JobDesk({
              records: new JobRecords(redis.answers),
              queue: openQueue('shared', redis.queues),
              redis: redis.answers,
              rpm: lane.limit,
              traceparent: () => traceparentOf(),
            }),
        },
      ],
    };
  }
}
