import { setTimeout as delay } from 'node:timers/promises';
import { endpoints, type Endpoint } from '@glasshouse/coinglass-client';
import { judgeAnswer, judgeStream, judgeThrown } from '../check/judge.ts';
import type { Finding } from '../check/result.ts';
import { NotTaken, type Road } from '../check/road.ts';
import type { Patience } from '../check/row.ts';
import { isMeant } from './judge-answer.ts';
import { streamName } from './options.ts';
import { withRunbook, type VerifyRow } from './verify-row.ts';

export interface UpstreamParts {
  readonly road: Road;
  readonly patience: Patience;
  /** Between two requests: a limit that others use is not taken in one gulp. */
  readonly paceMs?: number;
  readonly sleep?: (ms: number) => Promise<unknown>;
  readonly now?: () => number;
}

/**
 * Asks CoinGlass itself for these endpoints, as fresh jobs on the probe lane, one after another: the fetcher sends each once and, since
 * they are strict, at no other interval. Once no fetcher takes a job the rest is not asked.
 */
export const verifyUpstream = async (
  only: readonly string[],
  { road, patience, paceMs = 500, sleep = delay, now = Date.now }: UpstreamParts,
): Promise<VerifyRow[]> => {
  const rows: VerifyRow[] = [];
  for (const endpoint of endpoints.filter(({ id }) => only.includes(id))) {
    const about = { face: 'upstream', endpoint: endpoint.id } as const;
    if (rows.some(({ kind }) => kind === 'not-taken')) {
      const detail = 'not asked: no fetcher takes jobs';
      rows.push({ ...about, verdict: 'skipped', detail, durationMs: 0 });
      continue;
    }
    if (rows.length > 0) await sleep(paceMs);
    const startedAt = now();
    const { finding, count } = await askUpstream(endpoint, { road, patience, now });
    const durationMs = now() - startedAt;
    const counted = count === undefined ? {} : { rows: count };
    rows.push(withRunbook({ ...about, ...finding, ...counted, durationMs }, 'request'));
  }
  return rows;
};

const askUpstream = async (
  endpoint: Endpoint,
  { road, patience, now }: Required<Pick<UpstreamParts, 'road' | 'patience' | 'now'>>,
): Promise<{ finding: Finding; count?: number | undefined }> => {
  const { params } = endpoint.sample;
  const question = { path: `/api/${endpoint.id}`, params };
  try {
    const job = {
      v: 1,
      endpoint: endpoint.id,
      params,
      lane: 'probe',
      fresh: true,
      strict: true,
    } as const;
    const result = await road.ask(job, patience);
    const facts = result.answerKey === undefined ? undefined : await road.factsOf(result.answerKey);
    return { finding: judgeAnswer(question, result, facts, now()), count: facts?.rows };
  } catch (thrown) {
    const finding = judgeThrown(question, thrown);
    const { kind, detail, status } = finding;
    const meant = isMeant(endpoint, { kind, detail, asked: status !== undefined });
    return { finding: meant ? { ...finding, verdict: 'pass' } : finding };
  }
};

/** The stream is opened by the fetcher, which alone holds the key. `unaskable`: why it cannot be asked for here. */
export const verifyStream = async (
  { road, patience, now = Date.now }: UpstreamParts,
  unaskable: string | undefined,
): Promise<VerifyRow> => {
  const about = { face: 'stream', endpoint: streamName } as const;
  if (unaskable !== undefined) {
    return { ...about, verdict: 'skipped', detail: unaskable, durationMs: 0 };
  }
  const startedAt = now();
  const finding = await road
    .ask({ v: 1, probe: 'stream' }, patience)
    .then(judgeStream, asStreamFailure);
  return withRunbook({ ...about, ...finding, durationMs: now() - startedAt }, 'stream');
};

const asStreamFailure = (thrown: unknown): Finding => {
  const { kind, detail, verdict } = judgeThrown({ path: '', params: {} }, thrown);
  if (thrown instanceof NotTaken)
    return { verdict: 'fail', kind: 'not-taken', detail: thrown.message };
  return { verdict, ...(kind !== undefined && { kind }), ...(detail !== undefined && { detail }) };
};
