import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Duplex } from 'node:stream';
import { Agent, WebSocket } from 'undici';
import { Failure, isFailure } from '../failures.ts';
import { abandonable, abortableSleep, alarm, type Sleep } from '../pipeline/abortable.ts';
import { errorCodeOf } from '../pipeline/error-code.ts';
import { maskValues } from '../pipeline/mask.ts';
import { boundedText } from '../pipeline/vendor-text.ts';
import { watchDispatch } from '../pipeline/watch-dispatch.ts';

export interface StreamProbeOptions {
  /** The vendor's WebSocket without the key, e.g. `wss://open-ws.coinglass.com/ws-api`. */
  readonly url: string | URL;
  readonly apiKey: () => string;
  /** For the whole probe. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly sleep?: Sleep;
  /** Monotonic ms. */
  readonly now?: () => number;
}

export interface StreamProbeResult {
  readonly openMs: number;
  /** From our ping to their pong. */
  readonly pongMs: number;
}

/** What is known of a connection that has not led to a pong. */
interface Sight {
  status?: number;
  networkCode?: string | undefined;
  opened?: boolean;
  socket?: Duplex;
}

/**
 * Opens the vendor's stream, asks for one sign of life and closes it. It subscribes to nothing. The key is part of
 * the URL there, so the URL appears nowhere but on the wire.
 *
 * Rejects with `upstream-credentials` when the key was refused, else with `upstream-unavailable`; with the signal's
 * reason when that stopped it.
 */
export const probeStream = async ({
  url,
  apiKey,
  timeoutMs = 10_000,
  signal,
  sleep = abortableSleep,
  now = () => performance.now(),
}: StreamProbeOptions): Promise<StreamProbeResult> => {
  signal?.throwIfAborted();
  const target = new URL(url);
  const key = apiKey();
  target.searchParams.set('cg-api-key', key);
  const sight: Sight = {};
  const agent = new Agent({ connect: { timeout: timeoutMs }, allowH2: false });
  const connection = new WebSocket(target, {
    dispatcher: watchDispatch(agent, {
      onStatus: (status) => (sight.status = status),
      onUpgrade: (socket) => (sight.socket = socket),
      onError: (error) => (sight.networkCode = errorCodeOf(error)),
    }),
  });
  const mask = maskValues(() => [key]);
  const span = startSpan(target);
  const timeout = alarm(sleep, timeoutMs, () => silence(sight, timeoutMs));
  const stop = signal ? AbortSignal.any([signal, timeout.signal]) : timeout.signal;
  try {
    return await abandonable(pingPong(connection, { sight, now, mask }), stop);
  } catch (thrown) {
    if (isFailure(thrown)) {
      span.setAttribute('error.type', thrown === stop.reason ? 'timeout' : errorTypeOf(sight));
      span.setStatus({ code: SpanStatusCode.ERROR, message: thrown.detail });
    }
    throw thrown;
  } finally {
    span.end();
    timeout.cancel();
    hangUp(connection, agent, sight);
  }
};

const startSpan = (target: URL) => {
  const shown = new URL(target);
  shown.username = shown.password = '';
  for (const name of shown.searchParams.keys()) shown.searchParams.set(name, 'REDACTED');
  return trace.getTracer('@glasshouse/coinglass-client').startSpan(`WS ${target.pathname}`, {
    kind: SpanKind.CLIENT,
    attributes: {
      'url.full': shown.href,
      'server.address': target.hostname,
      'server.port': Number(target.port) || (target.protocol === 'wss:' ? 443 : 80),
    },
  });
};

interface PingPongParts {
  readonly sight: Sight;
  readonly now: () => number;
  readonly mask: (text: string) => string;
}

const pingPong = (connection: WebSocket, { sight, now, mask }: PingPongParts) =>
  new Promise<StreamProbeResult>((resolve, reject) => {
    const startedAt = now();
    let openedAt = startedAt;
    connection.addEventListener('open', () => {
      sight.opened = true;
      openedAt = now();
      connection.send('ping');
    });
    // The vendor's sign of life is the bare word, no JSON; whatever else comes is not asked for.
    connection.addEventListener('message', ({ data }) => {
      if (data === 'pong') resolve({ openMs: openedAt - startedAt, pongMs: now() - openedAt });
    });
    // A `close` follows and knows more.
    connection.addEventListener('error', () => undefined);
    connection.addEventListener('close', ({ code, reason }) =>
      reject(refusal(sight, code, boundedText(mask(reason)))),
    );
  });

const silence = ({ opened }: Sight, timeoutMs: number) =>
  new Failure(
    'upstream-unavailable',
    opened
      ? `The stream opened, but gave no sign of life within ${timeoutMs} ms`
      : `The stream did not open within ${timeoutMs} ms`,
  );

/** Policy violation, and the private codes that servers like to use for 401 and 403: the vendor documents none. */
const keyRefusedCodes = [1008, 4001, 4003, 4401, 4403];

const refusal = ({ status, networkCode, opened }: Sight, code: number, reason: string) => {
  const upstream = {
    ...(status !== undefined && { status }),
    ...(reason !== '' && { message: reason }),
  };
  const keyRefused =
    status === 401 ||
    status === 403 ||
    (opened && (keyRefusedCodes.includes(code) || /\bapi[ -_]?key\b|\bauth/i.test(reason)));
  if (keyRefused)
    return new Failure('upstream-credentials', 'The stream does not accept our key', { upstream });
  const why = networkCode ?? (status === undefined ? `close code ${code}` : `HTTP ${status}`);
  return new Failure(
    'upstream-unavailable',
    `The stream ${opened ? 'was closed' : 'did not open'} (${why})`,
    { upstream },
  );
};

const errorTypeOf = ({ status, networkCode }: Sight) =>
  status !== undefined ? String(status) : networkCode !== undefined ? 'network' : 'closed';

/** Says goodbye, and does not wait long for theirs: a socket that has been upgraded is the agent's no more. */
const hangUp = (connection: WebSocket, agent: Agent, { socket }: Sight) => {
  connection.close();
  agent.destroy().catch(() => undefined);
  if (socket && !socket.destroyed) setTimeout(() => socket.destroy(), 1000).unref();
};
