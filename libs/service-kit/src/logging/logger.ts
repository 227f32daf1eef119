import { isSpanContextValid, trace } from '@opentelemetry/api';
import { pino, stdTimeFunctions } from 'pino';
import type { DestinationStream, Logger } from 'pino';
import type { LogLevel } from '../config/pieces.ts';
import { errorFields } from './error-fields.ts';
import { createMask } from './mask.ts';
import { createLineMask } from './masked-line.ts';
import { lineWriter } from './standard-output.ts';

export type { Logger } from 'pino';

export interface LoggerOptions {
  readonly service: string;
  readonly level: LogLevel;
  /** Every secret the process knows, see `secretsOf`. They appear in no line. */
  readonly secrets: readonly string[];
  /** Where the lines go; standard output unless told. */
  readonly destination?: DestinationStream;
}

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
  destination = lineWriter(1),
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
