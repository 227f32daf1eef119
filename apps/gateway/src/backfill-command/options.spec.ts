import { describe, expect, it } from '@jest/globals';
import { readOptions } from './options.ts';

const env = { GLASSHOUSE_URL: 'http://house:3000/' };
const words = '--what funding --coin SOL --from 2026-01-01 --out sol.csv'.split(' ');
const read = (more: readonly string[] = [], from: NodeJS.ProcessEnv = env) => {
  const options = readOptions([...words, ...more], from);
  if (typeof options === 'string') throw new Error(options);
  return options;
};

describe('the options of a backfill', () => {
  it('become what the gateway is sent, and where it is', () => {
    expect(read(['--exchange-list', 'OKX,Bybit', '--to', 'now'])).toMatchObject({
      body: {
        what: 'funding',
        coin: 'SOL',
        from: '2026-01-01',
        exchange_list: 'OKX,Bybit',
        to: 'now',
      },
      url: 'http://house:3000',
      format: 'csv',
      does: 'run',
    });
  });

  it('take the format from the file, and the key from the environment unless told', () => {
    expect(read(['--out', 'a.jsonl']).format).toBe('ndjson');
    expect(read(['--out', 'a.txt', '--format', 'csv']).format).toBe('csv');
    expect(read([], { ...env, GLASSHOUSE_KEY: 'gh_a' }).key).toBe('gh_a');
    expect(read(['--key', 'gh_b'], { ...env, GLASSHOUSE_KEY: 'gh_a' }).key).toBe('gh_b');
  });

  it.each([
    ['nothing', [], env, '--what and --coin and --from and --out are missing'],
    ['an unknown option', ['--speed', '9'], env, "Unknown option '--speed'"],
    ['no house', words, {}, 'start it with npm start'],
    ['a URL that is none', [...words, '--url', 'house'], {}, 'must begin with http://'],
    [
      'a file of unknown kind',
      [...words, '--out', 'sol.xls'],
      env,
      '--format must be csv or ndjson',
    ],
    ['a cancellation of nothing', ['--cancel'], env, '--out is missing'],
  ])('with %s say what to do', (_what, argv, from, said) => {
    expect(readOptions(argv, from)).toContain(said);
  });
});
