import { inspect } from 'node:util';

/**
 * A value that must not be printed. Text, JSON, template strings and `util.inspect` give `***`;
 * only `reveal()` gives the value, so every use of it can be found by its name.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '***';
  }

  toJSON(): string {
    return '***';
  }

  [inspect.custom](): string {
    return '***';
  }
}
