import { sendProbe, type Probes } from '@glasshouse/service-kit';
import type { FastifyInstance } from 'fastify';

/** `/livez`, `/readyz` and `/health`: none of them touches the vendor. */
export const registerProbes = (fastify: FastifyInstance, probes: Probes): void => {
  fastify.get('/livez', (_request, reply) => sendProbe(reply, probes.livez()));
  fastify.get('/readyz', async (_request, reply) => sendProbe(reply, await probes.readyz()));
  fastify.get('/health', (_request, reply) => sendProbe(reply, probes.health()));
};
