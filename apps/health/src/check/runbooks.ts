import type { Finding, RowSubject } from './result.ts';

/** The pages under docs/runbooks that tell what to do; each is named by some row. */
export const runbooks = [
  '401',
  '403-plan',
  '404',
  '422-interval',
  '429',
  'vendor-down',
  'redis-down',
  'ws',
  'fetcher',
  'api-changed',
  'clock',
  'flags',
] as const;

export type Runbook = (typeof runbooks)[number];

const byKind: Readonly<Record<string, Runbook>> = {
  'store-unavailable': 'redis-down',
  'redis-unfit': 'redis-down',
  'upstream-credentials': '401',
  'plan-not-entitled': '403-plan',
  'unknown-endpoint': '404',
  'unknown-instrument': '404',
  'ambiguous-instrument': '404',
  'interval-not-available': '422-interval',
  'upstream-throttled': '429',
  'queue-full': '429',
  'upstream-unavailable': 'vendor-down',
  'deadline-passed': 'vendor-down',
  'upstream-rejected': 'api-changed',
  'upstream-malformed': 'api-changed',
  clock: 'clock',
};

/** The page that tells what to do about a row; undefined when there is nothing to do. */
export const runbookOf = (finding: Finding, subject: RowSubject): string | undefined => {
  const name = nameOf(finding, subject);
  return name && `docs/runbooks/${name}.md`;
};

/** What is the network's or CoinGlass's matter for a request is for a stream most often one of streams alone. */
const ofTheStream: ReadonlySet<string> = new Set([
  'upstream-unavailable',
  'endpoint-disabled',
  'deadline-passed',
]);

const nameOf = (
  { verdict, kind, fallback, ...said }: Finding,
  subject: RowSubject,
): Runbook | undefined => {
  if (verdict === 'pass' || verdict === 'skipped') return undefined;
  if (fallback !== undefined) return '422-interval';
  if (subject === 'stream' && (kind === undefined || ofTheStream.has(kind))) return 'ws';
  if (subject === 'redis') return 'redis-down';
  if (subject === 'flags') return 'flags';
  if (isNotFound(said)) return '404';
  if (kind !== undefined && Object.hasOwn(byKind, kind)) return byKind[kind];
  return verdict === 'fail' ? 'fetcher' : undefined;
};

/** CoinGlass says 404 by status or by code, and calls it one thing or another. */
export const isNotFound = ({ status, code }: Pick<Finding, 'status' | 'code'>): boolean =>
  status === 404 || code === '404';
