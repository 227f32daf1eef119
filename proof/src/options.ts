import { parseArgs } from 'node:util';

/** Said to who gave options that cannot be meant; costs no run. */
export class WrongOption extends Error {
  override readonly name = 'WrongOption';
}

export type Options = Readonly<Record<string, string | undefined>>;

/** Options of the form `--name value`; `--name` alone is the empty string. Throws a `WrongOption` for any other. */
export const readOptions = (args: readonly string[], known: readonly string[]): Options => {
  const { tokens } = parseArgs({ args: [...args], strict: false, tokens: true });
  const given = new Map<string, string>();
  let last: string | undefined;
  for (const token of tokens) {
    if (token.kind === 'option') {
      if (!known.includes(token.name)) {
        const names = known.map((name) => `--${name}`).join(', ');
        throw new WrongOption(`there is no option --${token.name}; options are ${names}`);
      }
      given.set(token.name, token.value ?? '');
      last = token.value === undefined ? token.name : undefined;
    } else if (token.kind === 'positional' && last !== undefined) {
      given.set(last, token.value);
      last = undefined;
    } else throw new WrongOption('every value needs an option: --name value');
  }
  return Object.fromEntries(given);
};

export const countOption = (options: Options, name: string, otherwise: number): number => {
  const text = options[name];
  if (text === undefined) return otherwise;
  const count = Number(text);
  if (Number.isSafeInteger(count) && count >= 1) return count;
  throw new WrongOption(`--${name} must be a whole number of at least 1, not "${text}"`);
};

export const choiceOption = <T extends string>(
  options: Options,
  name: string,
  choices: readonly T[],
  otherwise: T,
): T => {
  const text = options[name] ?? otherwise;
  const choice = choices.find((each) => each === text);
  if (choice !== undefined) return choice;
  throw new WrongOption(`--${name} must be one of ${choices.join(', ')}, not "${text}"`);
};
