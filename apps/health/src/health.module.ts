import type { Probes } from '@glasshouse/service-kit';
import { Module, type DynamicModule } from '@nestjs/common';
import { BackgroundCheck } from './check/background-check.ts';
import { CheckController } from './check/check.controller.ts';
import { ProbesController, probesToken } from './probes/probes.controller.ts';

/** What the service has to show, made before Nest is. */
export interface HealthParts {
  readonly probes: Probes;
  readonly check: BackgroundCheck;
}

@Module({})
export class HealthModule {
  static of({ probes, check }: HealthParts): DynamicModule {
    return {
      module: HealthModule,
      controllers: [ProbesController, CheckController],
      providers: [
        { provide: probesToken, useValue: probes },
        { provide: BackgroundCheck, useValue: check },
      ],
    };
  }
}
