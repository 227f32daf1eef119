// The peer of the hit: a Fastify route that sends the same bytes and does nothing else.
import { readFileSync } from 'node:fs';
import Fastify from 'fastify';

const [port, ...files] = process.argv.slice(2);
const fastify = Fastify();
files.forEach((file, n) => {
  const body = readFileSync(file);
  fastify.get(`/${n}`, (_request, reply) =>
    reply.header('content-type', 'application/json; charset=utf-8').send(body),
  );
});
await fastify.listen({ port: Number(port), host: '127.0.0.1' });
process.on('SIGTERM', () => process.exit(0));
