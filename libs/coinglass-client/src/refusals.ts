import type { Endpoint } from './catalogue/endpoint.ts';
import type { Failure, FailureRecord } from './failures.ts';

/**
 * Which refusals are worth remembering, so that the same question is not paid for again, and for how long. Where
 * the memory lives, and that it is kept apart by upstream and by vendor key, is the app's business.
 */
export interface RefusalMemory {
  /** The first remembered refusal of these keys, in their order. */
  recall(keys: readonly string[]): Promise<FailureRecord | undefined>;
  remember(key: string, record: FailureRecord, ttlMs: number): Promise<void>;
}

/** What of a call a refusal is about. */
interface Question {
  readonly endpoint: Pick<Endpoint, 'id'>;
  readonly params: Readonly<Record<string, string>>;
}

/** One probe a minute finds out whether the key is accepted again. */
const credentialsForMs = 60_000;
const planForMs = 600_000;
const intervalForMs = 600_000;
/** A pair the vendor does not know although its table lists it: delisted, and the table will follow. */
const instrumentForMs = 60_000;

const keys = {
  credentials: () => 'credentials',
  plan: ({ endpoint }: Question) => `plan:${endpoint.id}`,
  /** A plan's floor holds for every symbol of the endpoint. */
  interval: ({ endpoint, params }: Question) => `interval:${endpoint.id}:${params.interval ?? ''}`,
  instrument: ({ endpoint, params }: Question) =>
    `instrument:${endpoint.id}:${params.exchange ?? ''}:${params.symbol ?? ''}`,
  /** Any other refusal of an interval is known only of the instrument that was asked for. */
  intervalOfSymbol: ({ endpoint, params }: Question) =>
    `interval:${endpoint.id}:${params.interval ?? ''}:${params.exchange ?? ''}:${params.symbol ?? ''}`,
};

export interface RememberedRefusal {
  readonly key: string;
  readonly ttlMs: number;
  readonly record: FailureRecord;
}

/** What to remember of this failure; undefined when asking again may well be answered. */
export const refusalOf = (failure: Failure, question: Question): RememberedRefusal | undefined => {
  const record = failure.toRecord();
  switch (failure.kind) {
    case 'upstream-credentials':
      return {
        key: keys.credentials(),
        ttlMs: credentialsForMs,
        // Coming back earlier is answered from here.
        record: { ...record, retryAfterMs: credentialsForMs },
      };
    case 'plan-not-entitled':
      return { key: keys.plan(question), ttlMs: planForMs, record };
    case 'interval-not-available': {
      const { status, code } = failure.upstream ?? {};
      const byPlan = code === '403' || status === 403;
      const key = byPlan ? keys.interval(question) : keys.intervalOfSymbol(question);
      return { key, ttlMs: intervalForMs, record };
    }
    case 'unknown-instrument':
      return { key: keys.instrument(question), ttlMs: instrumentForMs, record };
    default:
      return undefined;
  }
};

/** Everything that a remembered refusal of this question could lie under, the widest first. */
export const refusalKeysFor = (
  endpoint: Question['endpoint'],
  params: Question['params'],
): string[] => {
  const question = { endpoint, params };
  const always = [
    keys.credentials(),
    keys.plan(question),
    ...(params.symbol === undefined ? [] : [keys.instrument(question)]),
  ];
  return params.interval === undefined
    ? always
    : [...always, keys.interval(question), keys.intervalOfSymbol(question)];
};
