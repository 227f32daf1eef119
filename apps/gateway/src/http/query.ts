import { invalidRequest, shownName, type FieldError } from '@glasshouse/coinglass-client';

// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const controls = /[\u0000-\u001f\u007f]/;

/** A URL is written into logs and histories on its way: no place for a key, whatever it is called. */
const keyNames = /^(?:cg[-_]?)?(?:api[-_]?)?key$|^(?:access[-_]?)?token$|^authorization$/i;
const keyValue = /^gh_[A-Z][0-9A-Za-z]{7}_/;

const decode = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
};

/**
 * Reads a raw query string strictly: a malformed escape, a control character or a repeated parameter is an error naming the
 * parameter, where the usual parsers guess; so is a key, whose place is a header. Values stay text.
 */
export const parseQuery = (rawUrl: string): Map<string, string> => {
  const query = new Map<string, string>();
  const errors: FieldError[] = [];
  const from = rawUrl.indexOf('?');
  const parts = from < 0 ? [] : rawUrl.slice(from + 1).split('&');
  for (const part of parts) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decode(equals < 0 ? part : part.slice(0, equals));
    const value = equals < 0 ? '' : decode(part.slice(equals + 1));
    if (name === undefined || value === undefined) {
      errors.push({ field: shownName(name ?? part), message: 'has a malformed percent escape' });
    } else if (controls.test(name) || controls.test(value)) {
      errors.push({ field: shownName(name), message: 'has a control character' });
    } else if (keyNames.test(name) || keyValue.test(value)) {
      errors.push({
        field: shownName(name),
        message: 'a key does not belong in a URL; send it as CG-API-KEY or Authorization header',
      });
    } else if (query.has(name)) {
      errors.push({ field: shownName(name), message: 'stands more than once; give it one value' });
    } else {
      query.set(name, value);
    }
  }
  if (errors.length > 0) throw invalidRequest(errors);
  return query;
};
