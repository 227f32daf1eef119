import {
  askIdOf,
  Instruments,
  instrumentsEndpoint,
  type AnswerStore,
  type FetchRequests,
  type Serves,
} from '@glasshouse/fetch-queue';

/** For a renewal that nobody waits for. */
const besideMs = 60_000;

export interface GatewayInstrumentsParts {
  readonly store: Pick<AnswerStore, 'read'>;
  readonly requests: Pick<FetchRequests, 'ask'>;
  /** The key of the whole table. */
  readonly answerKey: string;
  readonly serves: Serves;
  readonly traceparent: () => string | undefined;
  readonly now?: () => number;
}

/** The gateway's instrument table: renewed by asking the fetcher, each asker waiting until a deadline (epoch ms) of its own. */
export const createInstruments = ({
  store,
  requests,
  answerKey,
  serves,
  traceparent,
  now = Date.now,
}: GatewayInstrumentsParts): Instruments<number> =>
  new Instruments({
    read: () => store.read(answerKey, 'house'),
    serves,
    renew: (deadlineAt) => {
      const parent = traceparent();
      return requests.ask(
        { v: 1, endpoint: instrumentsEndpoint.id, ...(parent && { traceparent: parent }) },
        { askId: askIdOf(answerKey, { strict: false, fresh: false }), deadlineAt },
      );
    },
    termsBeside: () => now() + besideMs,
    now,
  });
