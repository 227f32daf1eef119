import { isSpanContextValid, trace } from '@opentelemetry/api';
import { destination as openDestination, pino, stdTimeFunctions } from 'pino';
import type { DestinationStream, Logger } from 'pino';
import type { LogLevel } from '../config/pieces.ts';
import { errorFields } from './error-fields.ts';
import { createMask } from './mask.ts';
import { createLineMask } from './masked-line.ts';

export type { Logger } from 'pino';

export interface LoggerOptions {
  readonly service: string;
  readonly level: LogLevel;
  /** Every secret the process knows, see `secretsOf`. They appear in no line. */
  readonly secrets: readonly string[];
  /** Where the lines go; standard output unless told. */
  readonly destination?: DestinationStream;
}

/** Lines that a slow reader leaves behind are kept up to this size, later ones dropped: a log must not fill the memory. */
const bufferedBytesMax = 16 * 1024 * 1024;

const standardOutput = (): DestinationStream => {
  const stream = openDestination({ dest: 1, sync: false, maxLength: bufferedBytesMax });
  // A full disk or a closed pipe costs lines, never the service.
  stream.on('error', () => undefined);
  return stream;
};

const activeTrace = (): object => {
  const span = trace.getActiveSpan()?.spanContext();
  return span && isSpanContextValid(span) ? { trace_id: span.traceId, span_id: span.spanId } : {};
};

/**
 * The process's logger: one line of JSON per event, with the active trace's ids. Secrets are masked by value
 * at the very end, after every serializer, so that no message, stack or nested field can carry one out.
 */
export const createLogger = ({
  service,
  level,
  secrets,
  destination = standardOutput(),
}: LoggerOptions): Logger =>
  pino(
    {
      level,
      base: { service, pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: (thrown: unknown) => errorFields(thrown) },
      mixin: activeTrace,
      hooks: { streamWrite: createLineMask(createMask(secrets)) },
    },
    destination,
  );
