import type { RowResult } from './result.ts';
import { isNotFound } from './runbooks.ts';

/** Looks at all rows and says one sentence, or nothing. */
type Reading = (rows: readonly RowResult[]) => string | undefined;

const requests = (rows: readonly RowResult[]): readonly RowResult[] =>
  rows.filter(({ subject, verdict }) => subject === 'request' && verdict !== 'skipped');

const ofKind = (rows: readonly RowResult[], ...kinds: string[]): readonly RowResult[] =>
  rows.filter(({ kind }) => kind !== undefined && kinds.includes(kind));

const every = (rows: readonly RowResult[], ...kinds: string[]): boolean =>
  rows.length > 0 && ofKind(rows, ...kinds).length === rows.length;

const names = (rows: readonly RowResult[]): string => rows.map(({ name }) => name).join(', ');

const is = (rows: readonly RowResult[]): string => (rows.length === 1 ? 'is' : 'are');

/** One cause behind the whole picture: the first of these that speaks is all there is to say. */
const causes: readonly Reading[] = [
  (rows) =>
    ofKind(rows, 'store-unavailable').length > 0
      ? 'Redis is away: nothing can be asked without it; check REDIS_URL'
      : undefined,
  (rows) =>
    ofKind(rows, 'not-taken').length > 0 ? 'no fetcher took the jobs: is one running?' : undefined,
  (rows) =>
    every(requests(rows), 'upstream-credentials')
      ? 'CoinGlass refuses the key: check COINGLASS_API_KEY of the fetcher'
      : undefined,
  (rows) =>
    every(requests(rows), 'plan-not-entitled')
      ? 'CoinGlass refuses everything by plan: has the subscription of the key lapsed?'
      : undefined,
  (rows) =>
    every(requests(rows), 'upstream-throttled')
      ? 'CoinGlass throttles every request: is the quota of the key shared with somebody else?'
      : undefined,
  (rows) =>
    every(requests(rows), 'queue-full')
      ? 'no request was free in time: our own limit is used up (or its state was lost, which takes 90 s); nothing was asked'
      : undefined,
  (rows) =>
    every(requests(rows), 'egress-disabled')
      ? 'requests to CoinGlass are switched off by a flag; nothing was asked'
      : undefined,
  (rows) =>
    every(requests(rows), 'deadline-passed')
      ? 'no answer came in time: CoinGlass hangs, or the fetcher does; the log of the fetcher tells which'
      : undefined,
  (rows) =>
    every(requests(rows), 'upstream-unavailable', 'deadline-passed')
      ? "CoinGlass does not answer: is it down, or does the fetcher's COINGLASS_BASE_URL or network not lead there?"
      : undefined,
];

/** Sentences about single rows; as many as apply. */
const remarks: readonly Reading[] = [
  (rows) => {
    const gone = rows.filter(isNotFound);
    return gone.length > 0
      ? `CoinGlass does not know ${gone.map(({ path, name }) => path ?? name).join(', ')}: has the route changed?`
      : undefined;
  },
  (rows) => {
    const refused = ofKind(rows, 'interval-not-available');
    const [first] = refused;
    return first !== undefined
      ? `interval ${first.interval ?? 'asked'} is not in the plan for ${names(refused)}: check COINGLASS_PLAN`
      : undefined;
  },
  (rows) => {
    const widened = rows.filter(({ fallback }) => fallback !== undefined);
    const [first] = widened;
    return first?.fallback !== undefined
      ? `${first.fallback.from} is refused, ${first.fallback.to} works, for ${names(widened)}: a limit of the plan`
      : undefined;
  },
  (rows) => {
    const gated = ofKind(rows, 'plan-not-entitled');
    return gated.length > 0
      ? `the plan does not include ${names(gated)}: check COINGLASS_PLAN and the subscription of the key`
      : undefined;
  },
  (rows) => {
    const asked = rows.filter(({ subject }) => subject !== 'key');
    const refused = ofKind(asked, 'upstream-credentials');
    return refused.length > 0
      ? `CoinGlass refuses the key for ${names(refused)}: check COINGLASS_API_KEY of the fetcher and its plan`
      : undefined;
  },
  (rows) =>
    ofKind(rows, 'unknown-instrument', 'ambiguous-instrument').length > 0
      ? 'SOL/USDT on OKX is not to be found among the supported pairs: have the instruments changed?'
      : undefined,
  (rows) => {
    const unreadable = ofKind(rows, 'upstream-malformed');
    return unreadable.length > 0
      ? `CoinGlass answers ${names(unreadable)} in a shape we do not know: has the API changed?`
      : undefined;
  },
  (rows) => {
    const troubled = ofKind(
      requests(rows),
      'upstream-unavailable',
      'upstream-throttled',
      'deadline-passed',
    );
    return troubled.length > 0
      ? `${names(troubled)} ${is(troubled)} in trouble while others answer: try again in a minute`
      : undefined;
  },
  (rows) => {
    const dull = requests(rows).filter(
      ({ verdict, kind, fallback }) => verdict === 'warn' && kind === undefined && !fallback,
    );
    return dull.length > 0
      ? `${names(dull)} ${is(dull)} answered, but with nothing or with nothing new: does CoinGlass lag?`
      : undefined;
  },
  (rows) => {
    const off = ofKind(requests(rows), 'endpoint-disabled', 'egress-disabled');
    return off.length > 0 ? `${names(off)} ${is(off)} switched off by a flag` : undefined;
  },
  (rows) =>
    rows.some(({ subject, verdict }) => subject === 'stream' && verdict === 'fail')
      ? "the stream does not open: does the plan include it, and does the fetcher's network let WebSockets pass?"
      : undefined,
  (rows) =>
    rows.some(({ subject, verdict }) => subject === 'stream' && verdict === 'warn')
      ? 'the stream opens, but slowly: is the network of the fetcher or CoinGlass under load?'
      : undefined,
  (rows) => {
    const skipped = requests(rows).filter(({ kind }) => kind === 'queue-full');
    return skipped.length > 0
      ? `${names(skipped)} ${is(skipped)} skipped for want of quota: no verdict on CoinGlass there`
      : undefined;
  },
  (rows) =>
    rows.some(
      ({ subject, verdict }) => subject === 'flags' && verdict !== 'pass' && verdict !== 'skipped',
    )
      ? 'the flags are not those of Redis: a switch thrown now would not be seen'
      : undefined,
  (rows) =>
    rows.some(({ subject, verdict }) => subject === 'clock' && verdict === 'warn')
      ? "the fetcher's clock and CoinGlass's differ: set the machine's by NTP"
      : undefined,
];

/** Says in words what the rows together mean. Nothing to say when all is well. */
export const interpret = (rows: readonly RowResult[]): readonly string[] => {
  for (const cause of causes) {
    const sentence = cause(rows);
    if (sentence !== undefined) return [sentence];
  }
  return remarks.flatMap((remark) => remark(rows) ?? []);
};
