import { sendProbe, type Probes } from '@glasshouse/service-kit';
import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { BackgroundCheck } from '../check/background-check.ts';

/** Nest's name for the probes, which are a plain object. */
export const probesToken = Symbol('probes');

/** The three probes over HTTP, from cached facts only; `/health` carries the start check for whoever starts the house. */
@Controller()
export class ProbesController {
  readonly #probes: Probes;
  readonly #check: BackgroundCheck;

  constructor(
    @Inject(probesToken) probes: Probes,
    @Inject(BackgroundCheck) check: BackgroundCheck,
  ) {
    this.#probes = probes;
    this.#check = check;
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
    const answer = this.#probes.health();
    sendProbe(reply, { ...answer, body: { ...answer.body, startCheck: this.#check.state } });
  }
}
