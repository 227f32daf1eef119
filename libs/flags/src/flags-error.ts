/** One thing wrong with a flag document. A `warning` is worth a look, but the document can be used. */
export interface FlagProblem {
  /** The flag, or `document`. */
  readonly key: string;
  readonly level: 'error' | 'warning';
  readonly message: string;
}

/** The flag document cannot be used. Tells every problem at once. */
export class FlagsError extends Error {
  override readonly name = 'FlagsError';
  readonly problems: readonly FlagProblem[];

  constructor(problems: readonly FlagProblem[]) {
    const lines = problems.map(({ key, message }) => `  ${key}: ${message}`);
    super(`The flag definitions cannot be used:\n${lines.join('\n')}`);
    this.problems = problems;
  }
}
