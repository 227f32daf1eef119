import { Agent, type Dispatcher } from 'undici';
import { Failure } from '../failures.ts';
import { acceptedEncodings, readBounded, textOf, tooLarge } from './answer-body.ts';
import { clockAheadMsOf, headerOf, quotaOf, retryAfterMsOf } from './answer-headers.ts';
import type { Attempt, RawAnswer, Wire } from './call.ts';
import { errorCodeOf } from './error-code.ts';
import { upstreamUrl } from './upstream-url.ts';
import { watchDispatch } from './watch-dispatch.ts';

export interface HttpWireOptions {
  /** Where `/api` begins; a path in it is kept, credentials in it are not. */
  readonly baseUrl: string | URL;
  /** Asked for each request, so that the key is kept in one place only. */
  readonly apiKey: () => string;
  /** Instead of our own connections; whoever gives one closes it. */
  readonly dispatcher?: Dispatcher;
  readonly wireBytesMax?: number;
  readonly bodyBytesMax?: number;
  /** Told as the first byte of a request goes out, whatever becomes of it. Must not throw. */
  readonly onSent?: (attempt: Attempt) => void;
  readonly now?: () => number;
}

export interface HttpWire extends Wire {
  /** Ends the connections once their requests have ended. */
  close(): Promise<void>;
}

const mebibytes = (count: number) => count * 2 ** 20;

/**
 * One HTTP request to the vendor, sent with the key and read to its end within bounds. Says what it saw of the
 * request's arrival; judges nothing of the answer and never sends twice. The total time is the caller's, by the
 * attempt's signal. Not `fetch`, nor any redirect: both carry the key header to other origins.
 */
export const createHttpWire = ({
  baseUrl,
  apiKey,
  dispatcher,
  wireBytesMax = mebibytes(8),
  bodyBytesMax = mebibytes(32),
  onSent = () => undefined,
  now = Date.now,
}: HttpWireOptions): HttpWire => {
  const base = new URL(baseUrl);
  base.username = base.password = base.search = base.hash = '';
  const connections = dispatcher ?? ownConnections();

  /** Sends and reads; whatever goes wrong on the way is the network's fault, and witnessed as far as it is certain. */
  const exchange = async (attempt: Attempt) => {
    const { pathname, search } = upstreamUrl(base, attempt);
    let begun = false;
    try {
      const onStart = () => {
        if (!attempt.mayBegin()) throw tooLateToBegin();
        begun = true;
        onSent(attempt);
      };
      const watched = watchDispatch(connections, { onStart });
      const { statusCode, headers, body } = await watched.request({
        origin: base.origin,
        path: pathname + search,
        method: 'GET',
        headers: {
          'CG-API-KEY': apiKey(),
          accept: 'application/json',
          'accept-encoding': acceptedEncodings,
          'user-agent': 'glasshouse',
        },
        signal: attempt.signal,
      });
      const clockAheadMs = clockAheadMsOf(headers, now());
      const packed = await readBounded(body, wireBytesMax);
      return { status: statusCode, headers, clockAheadMs, packed };
    } catch (thrown) {
      if (attempt.signal.aborted) throw attempt.signal.reason;
      if (!begun) attempt.witness({ kind: 'never-sent' });
      throw unreachable(thrown);
    }
  };

  const send = async (attempt: Attempt): Promise<RawAnswer> => {
    const { status, headers, clockAheadMs, packed } = await exchange(attempt);
    const quota = quotaOf(headers);
    // Also when the body is over the limit: the vendor has counted the request.
    attempt.witness({ kind: 'answered', succeeded: status === 200, quota });
    if (!packed) throw tooLarge(wireBytesMax, 'on the wire', status);
    const retryAfterMs = retryAfterMsOf(headers, now());
    return {
      status,
      contentType: headerOf(headers, 'content-type') ?? '',
      body: await textOf(packed, { encoding: encodingOf(headers), bytesMax: bodyBytesMax, status }),
      wireBytes: packed.length,
      quota,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      ...(clockAheadMs !== undefined && { clockAheadMs }),
      sandbox: headerOf(headers, 'x-glasshouse-sandbox') === '1',
    };
  };

  const close = () => (dispatcher ? Promise.resolve() : connections.close());
  return { baseUrl: base, send, close };
};

// No HTTP/2 and one request at a time on a connection: undici would send those behind a broken one again by itself.
const ownConnections = () =>
  new Agent({
    connect: { timeout: 2000 },
    connections: 64,
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: 15_000,
  });

const encodingOf = (headers: Parameters<typeof headerOf>[0]) =>
  headerOf(headers, 'content-encoding')?.trim().toLowerCase() ?? 'identity';

const tooLateToBegin = () =>
  new Failure(
    'upstream-unavailable',
    'CoinGlass could not be reached before the permit was too old',
  );

/** The code and no more: undici's errors carry addresses, and those of its parser the answer's bytes. */
const unreachable = (thrown: unknown) => {
  const code = errorCodeOf(thrown);
  // We built a request that cannot be sent: ours to mend, not the vendor's fault.
  if (code === undefined || code === 'UND_ERR_INVALID_ARG') return thrown;
  return new Failure(
    'upstream-unavailable',
    `CoinGlass could not be reached or broke off (${code})`,
  );
};
