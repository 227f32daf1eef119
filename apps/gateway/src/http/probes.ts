import type { ProbeAnswer, Probes } from '@glasshouse/service-kit';
import type { FastifyInstance, FastifyReply } from 'fastify';

/** As bytes: Fastify adds a charset to the type of a string, which `application/health+json` does not have. */
const send = (reply: FastifyReply, { status, headers, body }: ProbeAnswer) =>
  reply
    .code(status)
    .headers(headers)
    .send(Buffer.from(JSON.stringify(body)));

/** `/livez`, `/readyz` and `/health`: none of them touches the vendor. */
export const registerProbes = (fastify: FastifyInstance, probes: Probes): void => {
  fastify.get('/livez', (_request, reply) => send(reply, probes.livez()));
  fastify.get('/readyz', async (_request, reply) => send(reply, await probes.readyz()));
  fastify.get('/health', (_request, reply) => send(reply, probes.health()));
};
