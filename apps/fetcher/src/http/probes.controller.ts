import { sendProbe, type Probes } from '@glasshouse/service-kit';
import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

/** Nest's name for the probes, which are a plain object. */
export const probesToken = Symbol('probes');

/** The three probes over HTTP, from cached facts only: none of them touches the vendor. */
@Controller()
export class ProbesController {
  readonly #probes: Probes;

  constructor(@Inject(probesToken) probes: Probes) {
    this.#probes = probes;
  }

  @Get('livez')
  livez(@Res() reply: FastifyReply): void {
    sendProbe(reply, this.#probes.livez());
  }

  @Get('readyz')
  async readyz(@Res() reply: FastifyReply): Promise<void> {
    sendProbe(reply, await this.#probes.readyz());
  }

  @Get('health')
  health(@Res() reply: FastifyReply): void {
    sendProbe(reply, this.#probes.health());
  }
}
