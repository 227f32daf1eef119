import { Failure, type FailureDetails } from '../failures.ts';

/**
 * The answer was no JSON at all: a proxy's page, a cut body, broken compression. Unlike an answer of a wrong
 * shape, which will be as wrong the second time, this one is worth asking for once more. Inside the pipeline
 * only: across Redis it is an `upstream-malformed` like the others.
 */
export class Garbled extends Failure {
  constructor(detail: string, more?: FailureDetails) {
    super('upstream-malformed', detail, more);
  }
}
