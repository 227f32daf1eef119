import type { Probes } from '@glasshouse/service-kit';
import { Module, type DynamicModule } from '@nestjs/common';
import { ProbesController, probesToken } from './http/probes.controller.ts';

/** What the fetcher shows over HTTP: its probes. Jobs come and go through Redis, made and wired before Nest is. */
@Module({})
export class FetcherModule {
  static with({ probes }: { readonly probes: Probes }): DynamicModule {
    return {
      module: FetcherModule,
      controllers: [ProbesController],
      providers: [{ provide: probesToken, useValue: probes }],
    };
  }
}
