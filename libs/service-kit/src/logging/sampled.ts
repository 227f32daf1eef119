import { performance } from 'node:perf_hooks';
import type { Logger } from 'pino';

/** The two levels that storms happen at. Fields first, as with pino. */
export interface SampledLogger {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/**
 * A logger for things that fail thousands of times a second, such as a connection. Lets at most `perSecond`
 * lines through in any second (under 1: one line per `1 / perSecond` seconds); the next line tells how many
 * were left out.
 */
export const sampled = (
  logger: Pick<Logger, 'warn' | 'error'>,
  perSecond = 10,
  now: () => number = () => performance.now(),
): SampledLogger => {
  const lines = Math.max(1, Math.floor(perSecond));
  const spanMs = (lines / perSecond) * 1000;
  const sentAt: number[] = [];
  let leftOut = 0;

  const write = (level: 'warn' | 'error', fields: object, message: string): void => {
    const at = now();
    while (sentAt[0] !== undefined && at - sentAt[0] >= spanMs) sentAt.shift();
    if (sentAt.length >= lines) {
      leftOut += 1;
      return;
    }
    sentAt.push(at);
    logger[level](leftOut > 0 ? { ...fields, leftOut } : fields, message);
    leftOut = 0;
  };

  return {
    warn: (fields, message) => write('warn', fields, message),
    error: (fields, message) => write('error', fields, message),
  };
};
