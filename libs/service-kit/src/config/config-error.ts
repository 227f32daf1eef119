/** One thing wrong with one setting. `message` never holds the value: it might be a secret in the wrong place. */
export interface ConfigProblem {
  /** The environment variable. */
  readonly name: string;
  readonly message: string;
}

/** The configuration cannot be used. Tells every problem at once, so that one correction is enough. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ name, message }) => `${name}: ${message}`);
    super(lines.join('\n'));
    this.problems = problems;
  }
}
