import { fetchJobSchema } from '@glasshouse/fetch-queue';
import type { FastifyInstance } from 'fastify';
import { describeApi } from './openapi.ts';
import { referencePage } from './reference-page.ts';

/** `/openapi.json`, `/docs` and the schema of a job; the bare address leads to `/docs`. */
export const registerReference = (fastify: FastifyInstance, version: string): void => {
  const api = describeApi(version);
  const json = JSON.stringify(api);
  fastify.get('/openapi.json', (_request, reply) => reply.type('application/json').send(json));
  const jobSchema = JSON.stringify(fetchJobSchema());
  fastify.get('/schemas/fetch-job.json', (_request, reply) =>
    reply.type('application/schema+json').send(jobSchema),
  );
  fastify.get('/docs', (request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
      .send(referencePage(api, `http://${request.host}`)),
  );
  fastify.get('/', (_request, reply) => reply.redirect('/docs'));
};
