import type { IncomingMessage } from 'node:http';

/** The path asked for, without its query and bounded: fit to stand in a problem. */
export const pathOf = (request: IncomingMessage): string => {
  const url = request.url ?? '/';
  const end = url.indexOf('?');
  return (end < 0 ? url : url.slice(0, end)).slice(0, 256);
};
