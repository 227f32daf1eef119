import { Controller, Get, Header, Inject } from '@nestjs/common';
import { BackgroundCheck } from './background-check.ts';

/** The last result of the check, or what is known so far. Asking costs nothing. */
@Controller()
export class CheckController {
  readonly #check: BackgroundCheck;

  constructor(@Inject(BackgroundCheck) check: BackgroundCheck) {
    this.#check = check;
  }

  @Get('check')
  @Header('cache-control', 'no-store')
  last(): BackgroundCheck['state'] {
    return this.#check.state;
  }
}
