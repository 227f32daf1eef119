import type { FastifyInstance } from 'fastify';
import { describeApi } from './openapi.ts';
import { referencePage } from './reference-page.ts';

/** `/openapi.json` and `/docs`; the bare address leads there. */
export const registerReference = (fastify: FastifyInstance, version: string): void => {
  const api = describeApi(version);
  const json = JSON.stringify(api);
  fastify.get('/openapi.json', (_request, reply) => reply.type('application/json').send(json));
  fastify.get('/docs', (request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
      .send(referencePage(api, `http://${request.host}`)),
  );
  fastify.get('/', (_request, reply) => reply.redirect('/docs'));
};
