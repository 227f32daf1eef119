import type { ProbeAnswer } from './probes.ts';

/** As much of a Fastify reply as is needed. */
export interface ProbeReply {
  status(code: number): ProbeReply;
  headers(values: Readonly<Record<string, string>>): ProbeReply;
  send(payload: Buffer): unknown;
}

/**
 * Answers a probe, and gives what the framework's `send` gives. As bytes: to text or an object Fastify may add a charset, which
 * `application/health+json` does not have.
 */
export const sendProbe = (reply: ProbeReply, { status, headers, body }: ProbeAnswer): unknown =>
  reply
    .status(status)
    .headers(headers)
    .send(Buffer.from(JSON.stringify(body)));
