import { nearest } from '@glasshouse/coinglass-client';
import {
  endpointFlagKey,
  flagOf,
  flagRow,
  FlagsError,
  withCanaryShare,
  withValue,
  withVariant,
  type FlagDocument,
} from '@glasshouse/flags';
import type { Write } from './arguments.ts';

/** A flag by its name. Throws a `FlagsError` that names the nearest when there is none. */
export const keyOf = (document: FlagDocument, key: string): string => {
  if (Object.hasOwn(document.flags, key)) return key;
  throw unknown(key, 'there is no such flag', nearest(key, Object.keys(document.flags)));
};

/** What is asked for by the words, as an edit of a document. What it throws is a `FlagsError`. */
export const editOf =
  (action: Exclude<Write, 'revert'>, [word = '', setting = '']: readonly string[]) =>
  (document: FlagDocument): FlagDocument => {
    switch (action) {
      case 'set':
        return withSetting(document, keyOf(document, word), setting);
      case 'ramp':
        return withCanaryShare(document, keyOf(document, word), Number(setting));
      case 'kill':
        return withValue(document, switchOf(document, word), false);
    }
  };

/** The switch of an endpoint by its id or by the flag's own name. */
const switchOf = (document: FlagDocument, word: string): string => {
  const switches = Object.keys(document.flags).filter((key) => flagRow(key)?.type === 'boolean');
  const found = [endpointFlagKey(word), word].find((key) => switches.includes(key));
  if (found !== undefined) return found;
  const names = switches.map((key) => key.replace(/^endpoint\./, ''));
  throw unknown(word, 'is no endpoint and no switch', nearest(word, names));
};

/** A variant by its name before a value: whoever named one meant it. */
const withSetting = (document: FlagDocument, key: string, setting: string): FlagDocument =>
  Object.hasOwn(flagOf(document, key).variants, setting)
    ? withVariant(document, key, setting)
    : withValue(document, key, valueOf(document, key, setting));

const valueOf = (document: FlagDocument, key: string, setting: string): unknown => {
  const value = jsonOf(setting);
  if (value !== undefined) return value;
  const known = Object.keys(flagOf(document, key).variants);
  const said = `has no variant ${JSON.stringify(setting)}, and that is no value (JSON)`;
  throw unknown(key, `${said}; variants: ${known.join(', ')}`, nearest(setting, known));
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

const unknown = (key: string, said: string, near: readonly string[]): FlagsError => {
  const hint = near.length > 0 ? `; did you mean ${near.join(' or ')}?` : '';
  return new FlagsError([{ key, level: 'error', message: `${said}${hint}` }]);
};
