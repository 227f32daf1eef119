import { describe, expect, it } from '@jest/globals';
import { readConfig } from './config.ts';

const problemsOf = (env: Record<string, string>): string => {
  try {
    readConfig(env);
    return '';
  } catch (thrown) {
    return (thrown as Error).message;
  }
};

describe('the configuration', () => {
  it('has a default for everything, and takes an empty value for none', () => {
    const defaults = readConfig({});
    expect(defaults).toMatchObject({
      HOST: '127.0.0.1',
      SANDBOX_PORT: 3900,
      SANDBOX_PLAN: 'standard',
      SANDBOX_LIMIT: 300,
      SANDBOX_WINDOW_MS: 60_000,
      SANDBOX_WINDOW: 'sliding',
    });
    expect(readConfig({ SANDBOX_PORT: '', HOST: '', SANDBOX_KEY: '', SANDBOX_PLAN: '' })).toEqual(
      defaults,
    );
  });

  it('reports every problem at once, each under its name', () => {
    const problems = problemsOf({
      SANDBOX_PORT: '70000',
      SANDBOX_PLAN: 'free',
      SANDBOX_LIMIT: '-1',
    });
    for (const name of ['SANDBOX_PORT', 'SANDBOX_PLAN', 'SANDBOX_LIMIT']) {
      expect(problems).toMatch(new RegExp(`^${name}: `, 'm'));
    }
  });

  it('refuses to start in production', () => {
    expect(problemsOf({ NODE_ENV: 'production' })).toContain('does not start in production');
  });
});
