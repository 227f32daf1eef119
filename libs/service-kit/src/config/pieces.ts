import { z } from 'zod';
import { isLoopback } from './loopback.ts';
import { Secret } from './secret.ts';

/**
 * A setting read from text. `read` gives `undefined` for text that is not allowed; the message then says
 * what is allowed and leaves the value out.
 */
const setting = <T>(what: string, allowed: string, read: (text: string) => T | undefined) =>
  z.string({ error: `is missing; allowed: ${allowed}` }).transform((text, context): T => {
    const value = read(text.trim());
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: `is not ${what}; allowed: ${allowed}` });
    return z.NEVER;
  });

const wholeNumber = (text: string, min: number, max: number): number | undefined => {
  if (!/^-?\d{1,16}$/.test(text)) return undefined;
  const number = Number(text);
  return number >= min && number <= max ? number : undefined;
};

/** A whole number within `min` and `max`, both included; required when there is no `default`. */
export const integer = ({
  min,
  max,
  default: fallback,
}: {
  min: number;
  max: number;
  default?: number;
}) => {
  const piece = setting('a whole number in range', `${min} to ${max}`, (text) =>
    wholeNumber(text, min, max),
  );
  return fallback === undefined ? piece : piece.prefault(String(fallback));
};

/** A TCP port; 0 lets the system pick a free one. */
export const port = (fallback: number) =>
  setting('a port', '0 to 65535 (0 picks a free one)', (text) =>
    wholeNumber(text, 0, 65_535),
  ).prefault(String(fallback));

/** `true` or `false`, also `1` or `0`. */
export const boolean = (fallback: boolean) =>
  setting('yes or no', 'true, false', (text) => {
    if (/^(true|1)$/i.test(text)) return true;
    if (/^(false|0)$/i.test(text)) return false;
    return undefined;
  }).prefault(String(fallback));

/** One of a closed list of words, compared exactly; required when there is no `fallback`. */
export const choice = <const Word extends string>(words: readonly Word[], fallback?: Word) => {
  const piece = setting('one of the known words', words.join(', '), (text) =>
    words.find((word) => word === text),
  );
  return fallback === undefined ? piece : piece.prefault(fallback);
};

/** Free text without control characters, at most 1,024 characters. */
export const text = (fallback?: string) => {
  const piece = setting('printable text', '1 to 1024 printable characters', (value) =>
    /^[^\p{Cc}]{1,1024}$/u.test(value) ? value : undefined,
  );
  return fallback === undefined ? piece : piece.prefault(fallback);
};

/** A key or password, as a `Secret`. At least 4 characters, because shorter ones cannot be masked in logs. */
export const secret = () =>
  setting('a usable key', '4 to 512 printable ASCII characters without spaces', (value) =>
    /^[\x21-\x7e]{4,512}$/.test(value) ? new Secret(value) : undefined,
  );

/** The address to listen on or to reach: a host name or an IP address. */
export const host = (fallback: string) =>
  setting('a host', 'a host name or an IP address', (value) =>
    /^(?:[a-z0-9](?:[a-z0-9._-]{0,252}))$/i.test(value) || /^[0-9a-f:]*:[0-9a-f:.]*$/i.test(value)
      ? value
      : undefined,
  ).prefault(fallback);

const parsed = (value: string): URL | undefined =>
  URL.canParse(value) ? new URL(value) : undefined;

export interface UrlOptions {
  /** Without colon: `https`, `wss` … */
  readonly protocols: readonly string[];
  /** Protocols that are allowed towards this machine only, e.g. `http`. */
  readonly loopbackProtocols?: readonly string[];
  /** Refuse a path, so that the origin says everything. */
  readonly originOnly?: boolean;
  readonly default?: string;
}

/**
 * A URL without user, password and fragment: addresses are printed, so nothing secret may be in them.
 * The value is the text in canonical form, without a trailing slash.
 */
export const url = ({
  protocols,
  loopbackProtocols = [],
  originOnly = false,
  ...rest
}: UrlOptions) => {
  const allowed = [
    `a URL with ${protocols.map((protocol) => `${protocol}://`).join(' or ')}`,
    ...loopbackProtocols.map((protocol) => `${protocol}:// on this machine only`),
    `no user, password or fragment${originOnly ? ', no path or query' : ''}`,
  ].join('; ');
  const piece = setting('a usable URL', allowed, (value) => {
    const address = parsed(value);
    if (address === undefined || address.username || address.password || address.hash)
      return undefined;
    if (originOnly && (address.pathname !== '/' || address.search)) return undefined;
    const protocol = address.protocol.slice(0, -1);
    const fits =
      protocols.includes(protocol) ||
      (loopbackProtocols.includes(protocol) && isLoopback(address.hostname));
    return fits ? address.href.replace(/\/$/, '') : undefined;
  });
  return rest.default === undefined ? piece : piece.prefault(rest.default);
};

/**
 * Where Redis is: `redis://` or `rediss://` (TLS), user, password, host, port and database number.
 * Query parameters are refused: the client would take them as options and override our presets.
 * The value holds the password; print `redisLabel(value)` instead.
 */
export const redisUrl = () =>
  setting(
    'a usable Redis URL',
    'redis://[user:password@]host[:port][/database] or rediss:// for TLS, without query parameters',
    (value) => {
      const address = parsed(value);
      if (address === undefined || !/^rediss?:$/.test(address.protocol)) return undefined;
      if (!address.hostname || address.search || address.hash) return undefined;
      return /^(?:\/\d{0,4})?$/.test(address.pathname) ? value : undefined;
    },
  ).prefault('redis://127.0.0.1:6379');

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export const logLevel = () => choice(logLevels, 'info');
