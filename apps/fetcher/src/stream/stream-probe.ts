import { Failure, probeStream, type StreamProbeOptions } from '@glasshouse/coinglass-client';
import type { JobResult } from '@glasshouse/fetch-queue';

/** `deadlineAt` in epoch ms. */
export type StreamProbe = (terms: {
  readonly deadlineAt: number;
  readonly signal: AbortSignal;
}) => Promise<JobResult>;

export interface StreamProbeParts {
  /** Absent with a custom base URL that has no stream of its own. */
  readonly wsUrl: string | undefined;
  readonly apiKey: () => string;
  readonly source: 'coinglass' | 'custom';
  /** The stream is a way out like any other: the kill switch stops it, too. */
  readonly forbidden: () => Promise<Failure | undefined>;
  readonly now?: () => number;
  readonly probe?: (options: StreamProbeOptions) => Promise<{ openMs: number; pongMs: number }>;
}

const timeoutMaxMs = 10_000;

/**
 * Opens the vendor's stream once, for the start check: only the fetcher holds the key. Asked where no stream is configured it
 * fails, since who asks believes otherwise.
 */
export const createStreamProbe =
  ({
    wsUrl,
    apiKey,
    source,
    forbidden,
    now = Date.now,
    probe = probeStream,
  }: StreamProbeParts): StreamProbe =>
  async ({ deadlineAt, signal }) => {
    const refused = wsUrl === undefined ? noStream() : await forbidden();
    if (refused || wsUrl === undefined) throw refused ?? noStream();
    const timeoutMs = Math.max(1, Math.min(timeoutMaxMs, deadlineAt - now()));
    const { openMs, pongMs } = await probe({ url: wsUrl, apiKey, timeoutMs, signal });
    return { permits: 0, openMs, pongMs, source };
  };

const noStream = (): Failure =>
  new Failure(
    'endpoint-disabled',
    'No stream is known for this upstream: set COINGLASS_WS_URL to ask for it',
  );
