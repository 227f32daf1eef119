import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { fastify, type FastifyInstance } from 'fastify';
import { controlProblems, registerControl } from './control/control.ts';
import { sandboxHeader } from './label.ts';
import type { SandboxState } from './state.ts';
import { serve } from './traffic/serve.ts';
import { paramsOf } from './vendor/params.ts';

const isControl = (path: string): boolean => path === '/livez' || /^\/__sandbox(\/|$)/.test(path);

const malformedAnswer = `HTTP/1.1 400 Bad Request\r\n${sandboxHeader.name}: ${sandboxHeader.value}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`;

/**
 * The HTTP server: control paths go to Fastify, everything else is the vendor's and stays raw, so that no framework softens
 * a misbehaviour. Whatever leaves carries the sandbox's label.
 */
export function createSandboxServer(
  state: SandboxState,
  openSockets: () => number,
): FastifyInstance {
  const asVendor = (request: IncomingMessage, response: ServerResponse, url: string): void => {
    const [path = '', query = ''] = url.split(/\?(.*)/s);
    // A vendor does not read what nobody should send it.
    request.resume();
    serve(state, { path, params: paramsOf(query) }, request, response).catch(() => {
      response.destroy();
    });
  };

  const app = fastify({
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    serverFactory: (asControl) =>
      createServer({ keepAliveTimeout: 72_000 }, (request, response) => {
        response.setHeader(sandboxHeader.name, sandboxHeader.value);
        const url = request.url ?? '/';
        if (isControl(url.split('?')[0] ?? '')) asControl(request, response);
        else asVendor(request, response, url);
      }).on('clientError', (_error, socket) => {
        if (socket.writable) socket.end(malformedAnswer);
      }),
  });
  registerControl(app, state, openSockets);
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ error: 'The sandbox has no such switch; see GET /__sandbox' }),
  );
  app.setErrorHandler((error, _request, reply) => {
    const problems = controlProblems(error);
    const status = (error as { statusCode?: number }).statusCode ?? 500;
    const message = error instanceof Error ? error.message : String(error);
    return reply.code(status).send({ error: message, ...(problems && { problems }) });
  });
  return app;
}
