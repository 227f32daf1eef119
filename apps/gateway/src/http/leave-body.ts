import type { IncomingMessage } from 'node:http';

/** A sender on whom the connection is closed while it sends may never see the answer, so this much is let in first. */
const bytesMax = 4 * 1_024 * 1_024;
const withinMs = 2_000;

/** Lets the rest of a body pass unread, within bounds. Resolves to whether something may still come. */
export const leaveBody = async (request: IncomingMessage): Promise<boolean> => {
  if (request.complete || hasNoBody(request)) return false;
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) return true;
  await new Promise<void>((resolve) => {
    let bytes = 0;
    const end = (): void => {
      clearTimeout(timer);
      request.off('data', onData).off('end', end).off('close', end).off('error', end);
      resolve();
    };
    const timer = setTimeout(end, withinMs);
    const onData = (chunk: Buffer): void => {
      bytes += chunk.byteLength;
      if (bytes > bytesMax) end();
    };
    request.on('data', onData).on('end', end).on('close', end).on('error', end);
    request.resume();
  });
  return !request.complete;
};

const hasNoBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;
