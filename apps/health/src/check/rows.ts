import type { Interval } from '@glasshouse/coinglass-client';
import {
  judgeAnswer,
  judgeClock,
  judgeFlags,
  judgeKey,
  judgeStream,
  judgeThrown,
} from './judge.ts';
import type { Finding, RowResult } from './result.ts';
import type { Row } from './row.ts';

/** The instrument everybody knows; the fetcher finds out what OKX calls it. */
const solOnOkx = { exchange: 'OKX', coin: 'SOL', base: 'USDT' } as const;

interface RequestRowOptions {
  readonly interval?: Interval;
  readonly instrument?: typeof solOnOkx;
}

/**
 * One endpoint, asked through queue, permit and vendor. A stored answer does not do (`fresh`). A refused interval may climb
 * (`strict: false`): it is the plan that is told about then, not a fault.
 */
const requestRow = (endpoint: string, { interval, instrument }: RequestRowOptions = {}): Row => ({
  name: endpoint,
  subject: 'request',
  permitsMax: interval === undefined ? 1 : 2,
  run: async ({ road, patience, now }) => {
    const question = {
      path: `/api/${endpoint}`,
      params: { ...instrument, ...(interval !== undefined && { interval }) },
      ...(interval !== undefined && { interval }),
    };
    try {
      const result = await road.ask(
        {
          v: 1,
          endpoint,
          lane: 'probe',
          fresh: true,
          strict: false,
          ...(instrument !== undefined && { instrument }),
          ...(interval !== undefined && { interval }),
        },
        patience,
      );
      // Only series have rows and a newest candle to judge.
      const facts =
        interval !== undefined && result.answerKey !== undefined
          ? await road.factsOf(result.answerKey)
          : undefined;
      return judgeAnswer(question, result, facts, now());
    } catch (thrown) {
      return judgeThrown(question, thrown);
    }
  },
});

const redisRow: Row = {
  name: 'redis',
  subject: 'redis',
  permitsMax: 0,
  run: async ({ inspectRedis }) => {
    try {
      return await inspectRedis();
    } catch (thrown) {
      const detail = thrown instanceof Error ? thrown.message : String(thrown);
      return { verdict: 'fail', kind: 'store-unavailable', detail };
    }
  },
};

const flagsRow: Row = {
  name: 'flags',
  subject: 'flags',
  permitsMax: 0,
  run: async ({ flagsSource }) => {
    try {
      return judgeFlags(await flagsSource());
    } catch (thrown) {
      const detail = thrown instanceof Error ? thrown.message : String(thrown);
      return { verdict: 'fail', kind: 'flags-unreadable', detail };
    }
  },
};

/** A row that asks nobody: it draws its conclusion from the rows before. */
const conclusionRow = (
  name: 'key' | 'clock',
  judge: (before: readonly RowResult[]) => Finding,
): Row => ({
  name,
  subject: name,
  permitsMax: 0,
  run: ({ before }) => Promise.resolve(judge(before)),
});

const streamRow: Row = {
  name: 'stream',
  subject: 'stream',
  permitsMax: 0,
  run: async ({ road, patience, streamSkipped }) => {
    if (streamSkipped !== undefined) return { verdict: 'skipped', detail: streamSkipped };
    try {
      return judgeStream(await road.ask({ v: 1, probe: 'stream' }, patience));
    } catch (thrown) {
      const {
        path: _path,
        params: _params,
        ...finding
      } = judgeThrown({ path: '', params: {} }, thrown);
      return { ...finding, permits: 0 };
    }
  },
};

/** The start check, in its order: what the rest stands on comes first. Five requests, eight when 1h is refused. */
export const startCheckRows: readonly Row[] = [
  redisRow,
  flagsRow,
  requestRow('futures/supported-exchange-pairs'),
  requestRow('futures/funding-rate/history', { interval: '1h', instrument: solOnOkx }),
  requestRow('futures/open-interest/history', { interval: '1h', instrument: solOnOkx }),
  requestRow('futures/liquidation/history', { interval: '1h', instrument: solOnOkx }),
  requestRow('etf/bitcoin/flow-history'),
  streamRow,
  conclusionRow('key', judgeKey),
  conclusionRow('clock', judgeClock),
];
