import { Secret } from './secret.ts';

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

const inUrl = (value: string): string[] => {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(value) || !URL.canParse(value)) return [];
  const { password } = new URL(value);
  return password === '' ? [] : [password, decoded(password)];
};

/** `name=value` pairs of `OTEL_EXPORTER_OTLP_HEADERS` and its kin: header values are usually keys. */
const inHeaders = (name: string, value: string): string[] =>
  /^OTEL_EXPORTER_OTLP_(?:\w+_)?HEADERS$/.test(name)
    ? value.split(',').flatMap((pair) => {
        const text = pair.slice(pair.indexOf('=') + 1).trim();
        // An `Authorization` value is a scheme and the key; the key alone must be masked, too.
        return [text, decoded(text)].flatMap((known) => [known, known.replace(/^\w+ +/, '')]);
      })
    : [];

/**
 * Every secret a configuration (or an environment) holds: `Secret` values, passwords inside URLs, OTLP
 * header values. This is the list that the logger and the telemetry mask.
 */
export const secretsOf = (config: Readonly<Record<string, unknown>>): string[] => {
  const found = Object.entries(config).flatMap(([name, value]) => {
    if (value instanceof Secret) return [value.reveal()];
    return typeof value === 'string' ? [...inUrl(value), ...inHeaders(name, value)] : [];
  });
  return [...new Set(found)].filter((secret) => secret !== '');
};
