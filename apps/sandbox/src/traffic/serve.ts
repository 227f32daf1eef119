import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { misbehave } from '../scenarios/misbehave.ts';
import type { SandboxState } from '../state.ts';
import { answer } from '../vendor/answer.ts';
import { refusals, withStatus } from '../vendor/envelope.ts';
import { judgeKey, keyDigest } from '../vendor/keys.ts';
import type { Params } from '../vendor/params.ts';
import { deliver } from './deliver.ts';
import { jsonDelivery, type Delivery } from './delivery.ts';
import type { Usage } from './limit.ts';

const pause = (ms: number): Promise<void> => sleep(ms, undefined, { ref: false });

/** `/api/…` of one request, already split. */
export interface ApiRequest {
  readonly path: string;
  readonly params: Params;
}

/**
 * The vendor's side of one request: record the arrival, count it against the key's limit, then misbehave as the rules say
 * or answer truly, and put it on the wire. Requests without an accepted key use up no limit.
 */
export async function serve(
  state: SandboxState,
  { path, params }: ApiRequest,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { settings, clocks } = state;
  const sent = request.headers['cg-api-key'];
  const key = Array.isArray(sent) ? sent[0] : sent;
  const verdict = judgeKey(key, state.onlyKey);
  const method = request.method ?? 'GET';
  const monotonicMs = clocks.monotonic();
  const arrival = state.arrivals.record({
    atMs: clocks.wall(),
    monotonicMs,
    method,
    path,
    params,
    key: key ? keyDigest(key) : null,
  });

  let usage: Usage | undefined;
  if (key && verdict === 'accepted') {
    const at = settings.window === 'sliding' ? monotonicMs : arrival.atMs;
    usage = state.limit.take(keyDigest(key), at, settings);
  }
  const rules = state.rules.judge(path, params);
  const genuine = () =>
    answer({ method, path, params, key: verdict, plan: settings.plan, now: clocks.market() });

  let delivery: Delivery;
  if (usage && !usage.granted) {
    const refusal = withStatus(refusals.tooManyRequests, settings.refusal === 'http' ? 429 : 200);
    delivery = jsonDelivery(refusal.status, refusal.body);
  } else if (rules.misbehaviour) {
    delivery = misbehave(rules.misbehaviour, genuine);
  } else {
    const { status, body } = genuine();
    delivery = jsonDelivery(status, body);
  }

  arrival.status = delivery.status;
  arrival.code = delivery.code;
  if (usage) {
    response.setHeader('API-KEY-MAX-LIMIT', rules.maxLimit ?? settings.limit);
    response.setHeader('API-KEY-USE-LIMIT', usage.used + rules.foreignUse);
  }
  const delayMs = settings.latencyMs + rules.delayMs;
  if (delayMs > 0) await pause(delayMs);
  await deliver(request, response, delivery);
}
