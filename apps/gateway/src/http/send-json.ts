import type { IncomingMessage, ServerResponse } from 'node:http';

/** Sends what is true for this caller at this moment only: nobody on the way may keep it. */
export const sendJson = (
  request: IncomingMessage,
  response: ServerResponse,
  value: unknown,
  traceId: string,
): void => {
  const body = JSON.stringify(value);
  response.writeHead(200, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-trace-id': traceId,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
};
