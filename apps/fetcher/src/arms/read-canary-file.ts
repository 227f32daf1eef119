import { readFileSync } from 'node:fs';
import { ConfigError, describeUpstream, type UpstreamConfig } from '@glasshouse/service-kit';
import { canaryOptions, type CanaryOptions } from './canary-options.ts';

const setting = 'COINGLASS_CANARY_FILE';

/**
 * In what the canary differs, from its file. No file, no difference.
 * @throws ConfigError with every problem at once, each by its place in the file, never with its value
 */
export const readCanaryFile = (path: string | undefined, config: UpstreamConfig): CanaryOptions => {
  if (path === undefined) return {};
  const parsed = canaryOptions.safeParse(jsonOf(path));
  if (!parsed.success) {
    throw new ConfigError(
      parsed.error.issues.map(({ path: place, message }) => ({
        name: setting,
        message: [place.map(String).join('.'), message].filter(Boolean).join(': '),
      })),
    );
  }
  const { baseUrl } = parsed.data;
  if (baseUrl !== undefined) assertAllowed({ ...config, COINGLASS_BASE_URL: baseUrl });
  return parsed.data;
};

const jsonOf = (path: string): unknown => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    throw new ConfigError([
      {
        name: setting,
        message: `cannot be read (${code ?? 'unknown error'}); give the path of a JSON file, or leave it unset`,
      },
    ]);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new ConfigError([{ name: setting, message: 'is no JSON' }]);
  }
};

/** What production refuses of COINGLASS_BASE_URL it refuses here. */
const assertAllowed = (config: UpstreamConfig): void => {
  try {
    describeUpstream(config);
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown;
    throw new ConfigError(
      thrown.problems.map(({ name, message }) => ({
        name: setting,
        message: name === 'COINGLASS_BASE_URL' ? `baseUrl: ${message}` : `${name}: ${message}`,
      })),
    );
  }
};
