import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { canaryEnv, withCanaryRules } from './canary-env.ts';
import { port } from './pieces.ts';
import { readConfig } from './read-config.ts';
import { serviceEnv } from './service-env.ts';

const schema = withCanaryRules(z.object({ ...serviceEnv, ...canaryEnv, FETCHER_PORT: port(3001) }));
const minuteOf = (env: Record<string, string>) => readConfig(schema, env).CANARY_MINUTE_MS;

describe("the canary's minute", () => {
  it('is a minute unless told', () => {
    expect(minuteOf({})).toBe(60_000);
    expect(minuteOf({ NODE_ENV: 'production' })).toBe(60_000);
    expect(minuteOf({ CANARY_MINUTE_MS: '500' })).toBe(500);
  });

  it('is within bounds', () => {
    expect(() => minuteOf({ CANARY_MINUTE_MS: '60001' })).toThrow(/CANARY_MINUTE_MS.*100 to 60000/);
  });

  it('is a minute in production, told together with whatever else is wrong', () => {
    expect(() =>
      minuteOf({ NODE_ENV: 'production', CANARY_MINUTE_MS: '500', FETCHER_PORT: 'x' }),
    ).toThrow(/FETCHER_PORT: .*\nCANARY_MINUTE_MS: .*production refuses it; allowed: 60000/);
  });
});
