import { z } from 'zod';
import { ConfigError, type ConfigProblem } from './config-error.ts';
import { boolean, choice, integer, url } from './pieces.ts';

const officialOrigin = 'https://open-api-v4.coinglass.com';
const officialWsUrl = 'wss://open-ws.coinglass.com/ws-api';
const officialWindowMs = 60_000;

/** What an address of the vendor's REST interface may be. */
export const baseUrlRules = {
  protocols: ['https'],
  loopbackProtocols: ['http'],
  originOnly: true,
} as const;

/** Where the vendor is and what our contract with it allows; spread into the schema of an app that needs it. */
export const upstreamEnv = {
  COINGLASS_BASE_URL: url({ ...baseUrlRules, default: officialOrigin }),
  COINGLASS_WS_URL: url({ protocols: ['wss'], loopbackProtocols: ['ws'] }).optional(),
  COINGLASS_PLAN: choice(
    ['hobbyist', 'startup', 'standard', 'professional', 'enterprise'],
    'standard',
  ),
  COINGLASS_RPM: integer({ min: 1, max: 100_000, default: 250 }),
  COINGLASS_WINDOW_MS: integer({ min: 100, max: 600_000, default: officialWindowMs }),
  COINGLASS_ALLOW_CUSTOM_UPSTREAM: boolean(false),
};

/** The part of a parsed configuration that the rules between settings look at. */
export interface UpstreamConfig {
  readonly NODE_ENV: string;
  readonly COINGLASS_BASE_URL: string;
  readonly COINGLASS_WS_URL?: string | undefined;
  readonly COINGLASS_WINDOW_MS: number;
  readonly COINGLASS_ALLOW_CUSTOM_UPSTREAM: boolean;
}

export interface Upstream {
  /** Scheme, host and port of the REST interface. */
  readonly origin: string;
  /** What answers say about where they come from; the sandbox names itself in its answers. */
  readonly source: 'coinglass' | 'custom';
  /** The WebSocket's address without the key; absent with a custom base URL that has none of its own. */
  readonly wsUrl?: string;
}

const isOfficial = (address: string, official: string): boolean =>
  new URL(address).host === new URL(official).host;

const problemsInProduction = (config: UpstreamConfig): ConfigProblem[] => {
  if (config.NODE_ENV !== 'production') return [];
  const problems: ConfigProblem[] = [];
  const allowed = `allowed: the official host, or any with COINGLASS_ALLOW_CUSTOM_UPSTREAM=true`;
  if (!config.COINGLASS_ALLOW_CUSTOM_UPSTREAM) {
    const { COINGLASS_BASE_URL: base, COINGLASS_WS_URL: ws } = config;
    if (!isOfficial(base, officialOrigin))
      problems.push({
        name: 'COINGLASS_BASE_URL',
        message: `is not CoinGlass, which production refuses; ${allowed}`,
      });
    if (ws !== undefined && !isOfficial(ws, officialWsUrl))
      problems.push({
        name: 'COINGLASS_WS_URL',
        message: `is not CoinGlass, which production refuses; ${allowed}`,
      });
  }
  if (config.COINGLASS_WINDOW_MS !== officialWindowMs)
    problems.push({
      name: 'COINGLASS_WINDOW_MS',
      message: `is for tests only, production refuses it; allowed: ${officialWindowMs}`,
    });
  return problems;
};

const whatTheRulesRead = z.object({
  NODE_ENV: z.string(),
  COINGLASS_BASE_URL: z.string(),
  COINGLASS_WS_URL: z.string().optional(),
  COINGLASS_WINDOW_MS: z.number(),
  COINGLASS_ALLOW_CUSTOM_UPSTREAM: z.boolean(),
});

/**
 * Adds what production refuses to an app's schema, so that `readConfig` reports it together with everything
 * else. The rules run even when an unrelated setting is wrong.
 */
export const withUpstreamRules = <Schema extends z.ZodType<UpstreamConfig>>(schema: Schema) =>
  schema.superRefine(
    (config, context) => {
      for (const { name, message } of problemsInProduction(config))
        context.addIssue({ code: 'custom', path: [name], message });
    },
    { when: ({ value }) => whatTheRulesRead.safeParse(value).success },
  );

/** Which upstream the configuration means. Throws a `ConfigError` for what production refuses. */
export const describeUpstream = (config: UpstreamConfig): Upstream => {
  const problems = problemsInProduction(config);
  if (problems.length > 0) throw new ConfigError(problems);
  const { origin } = new URL(config.COINGLASS_BASE_URL);
  const official = isOfficial(origin, officialOrigin);
  const wsUrl = config.COINGLASS_WS_URL ?? (official ? officialWsUrl : undefined);
  return {
    origin,
    source: official ? 'coinglass' : 'custom',
    ...(wsUrl !== undefined && { wsUrl }),
  };
};
