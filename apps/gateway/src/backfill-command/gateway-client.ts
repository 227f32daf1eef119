import type { BackfillView, GapsView, Quote } from '../backfills/backfill-view.ts';

/** The gateway said no: its own words, and whether it makes sense to ask again. */
export class GatewayRefusal extends Error {
  override readonly name = 'GatewayRefusal';
  constructor(
    readonly status: number,
    readonly kind: string,
    message: string,
  ) {
    super(message);
  }
}

/** No answer at all, or one that no gateway gives. */
export class GatewayAway extends Error {
  override readonly name = 'GatewayAway';
}

export interface GatewayAt {
  readonly url: string;
  readonly key: string | undefined;
}

interface Problem {
  readonly kind?: string;
  readonly detail?: string;
  readonly errors?: readonly {
    readonly field: string;
    readonly message: string;
    readonly suggestions?: readonly string[];
  }[];
}

const answerWithinMs = 30_000;

/** The part of the gateway's interface that a backfill needs. Rejects with GatewayRefusal or GatewayAway. */
export class GatewayClient {
  readonly #at: GatewayAt;

  constructor(at: GatewayAt) {
    this.#at = at;
  }

  async quote(body: unknown): Promise<Quote> {
    const { quote } = await this.#json<{ quote: Quote }>('POST', '/v1/backfills?dryRun=true', {
      body,
    });
    return quote;
  }

  order(body: unknown, idempotencyKey: string): Promise<BackfillView> {
    const headers = { 'idempotency-key': idempotencyKey };
    return this.#json('POST', '/v1/backfills', { body, headers });
  }

  look(id: string): Promise<BackfillView> {
    return this.#json('GET', `/v1/backfills/${id}`);
  }

  resume(id: string): Promise<BackfillView> {
    return this.#json('POST', `/v1/backfills/${id}/resume`);
  }

  cancel(id: string): Promise<BackfillView> {
    return this.#json('DELETE', `/v1/backfills/${id}`);
  }

  gaps(id: string): Promise<GapsView> {
    return this.#json('GET', `/v1/backfills/${id}/gaps`);
  }

  /** The rows as they come, and how many there must be. */
  async rows(
    id: string,
    format: 'csv' | 'ndjson',
  ): Promise<{ readonly rows: number; readonly body: ReadableStream<Uint8Array> }> {
    const response = await this.#send('GET', `/v1/backfills/${id}/data?format=${format}`, {});
    const rows = Number(response.headers.get('x-backfill-rows') ?? NaN);
    if (!response.body || !Number.isInteger(rows)) throw notAGateway(this.#at.url);
    return { rows, body: response.body };
  }

  async #json<T>(method: string, path: string, more: Sending = {}): Promise<T> {
    const response = await this.#send(method, path, {
      ...more,
      signal: AbortSignal.timeout(answerWithinMs),
    });
    return (await response.json().catch(() => {
      throw notAGateway(this.#at.url);
    })) as T;
  }

  async #send(method: string, path: string, { body, headers, signal }: Sending): Promise<Response> {
    const { url, key } = this.#at;
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    }).catch((cause: unknown) => {
      throw new GatewayAway(`nothing answers at ${url}`, { cause });
    });
    if (response.ok) return response;
    const problem = (await response.json().catch(() => ({}))) as Problem;
    if (problem.kind === undefined) throw notAGateway(url);
    throw new GatewayRefusal(response.status, problem.kind, saidBy(problem));
  }
}

interface Sending {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

const notAGateway = (url: string): GatewayAway =>
  new GatewayAway(`what answers at ${url} is no gateway of Glasshouse, or an older one`);

/** Every problem with its field; a suggestion when there is one. */
const saidBy = ({ kind, detail = '', errors = [] }: Problem): string => {
  const lines = errors.map(({ field, message, suggestions = [] }) => {
    const hint = suggestions.length > 0 ? ` (did you mean ${suggestions.join(' or ')}?)` : '';
    return `  --${field.replaceAll('_', '-')}: ${message}${hint}`;
  });
  return [`${String(kind)}: ${detail}`, ...lines].join('\n');
};
