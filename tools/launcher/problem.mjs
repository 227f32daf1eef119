/**
 * A reason not to start, or not to go on, that a person can act on: it is printed as a sentence, without a stack.
 * Anything else that is thrown is a bug and shows its stack.
 */
export class StartProblem extends Error {
  name = 'StartProblem';

  /**
   * @param {string} sentence what is wrong and what to do about it
   * @param {{ exitCode?: number, lastWords?: readonly string[] }} [more] `lastWords`: what a process printed before it died
   */
  constructor(sentence, { exitCode = 1, lastWords = [] } = {}) {
    super(sentence);
    this.exitCode = exitCode;
    this.lastWords = lastWords;
  }
}
