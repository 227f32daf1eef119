import { parseArgs } from 'node:util';
import { seriesNames } from '@glasshouse/coinglass-client';

export interface BackfillOptions {
  readonly help: boolean;
  /** What is sent to the gateway. */
  readonly body: Readonly<Record<string, string>>;
  readonly out: string;
  readonly format: 'csv' | 'ndjson';
  /** The gateway, without a slash at its end. */
  readonly url: string;
  readonly key: string | undefined;
  readonly does: 'run' | 'quote' | 'cancel';
  readonly overwrite: boolean;
}

export const usage = `Usage: npm run backfill -- --what <series> --coin <coin> --from <time> --out <file.csv|file.ndjson> [options]

Fetches a long history through the gateway, on quota that nobody else wants, into a file: sorted, each candle once, the running one
marked. It first says what it will take. Called again with the same arguments after a crash or Ctrl-C it goes on where it was.

  --what       ${Object.keys(seriesNames).join(', ')}, or an endpoint id
  --coin       such as SOL
  --exchange   for one instrument, OKX unless told; --base its quote, USDT unless told
  --exchange-list  for liquidation-aggregated
  --unit       usd or coin, for open interest
  --interval   1h unless told; it is never widened
  --from       included: a date, an ISO time (UTC unless it says its zone), epoch ms
  --to         excluded; now unless told
  --out        the file; written whole, at the end
  --format     csv or ndjson, unless the file's name says it
  --overwrite  replace a file that is there
  --quote      say what it would take, and stop
  --cancel     end the backfill that was begun for this --out
  --url        the gateway; else GLASSHOUSE_URL, else the house that runs from this folder
  --key        the team's key (scope jobs:bulk); better in GLASSHOUSE_KEY, where ps does not show it
  --help       show this

Exit code: 0 complete, 4 complete with gaps, 1 failed or cancelled, 2 wrong use, 3 could not be run, 130 left with Ctrl-C.
`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const flags = {
  what: text,
  coin: text,
  exchange: text,
  base: text,
  'exchange-list': text,
  unit: text,
  interval: text,
  from: text,
  to: text,
  out: text,
  format: text,
  url: text,
  key: text,
  overwrite: flag,
  quote: flag,
  cancel: flag,
  help: { ...flag, short: 'h' },
} as const;

/** The options, or a sentence saying what is wrong with them and what to do. */
export const readOptions = (
  argv: readonly string[],
  env: Readonly<NodeJS.ProcessEnv>,
): BackfillOptions | string => {
  try {
    const { values } = parseArgs({ args: [...argv], options: flags });
    return fromValues(values, env);
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
};

type Values = Partial<Record<keyof typeof flags, string | boolean>>;

const fromValues = (values: Values, env: Readonly<NodeJS.ProcessEnv>): BackfillOptions | string => {
  const given = (name: keyof typeof flags): string | undefined => {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
  };
  const help = values.help === true;
  const does = values.cancel === true ? 'cancel' : values.quote === true ? 'quote' : 'run';
  const needed = (
    {
      run: ['what', 'coin', 'from', 'out'],
      quote: ['what', 'coin', 'from'],
      cancel: ['out'],
    } as const
  )[does];
  const missing = needed.filter((name) => given(name) === undefined);
  if (missing.length > 0 && !help) {
    return `${missing.map((name) => `--${name}`).join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing`;
  }
  const url = given('url') ?? env['GLASSHOUSE_URL'];
  if (url === undefined && !help) {
    return 'no house runs from this folder: start it with npm start, or name a gateway with --url http://…';
  }
  if (url !== undefined && !/^https?:\/\/[^/]/.test(url)) {
    return `--url must begin with http:// or https://, such as http://127.0.0.1:3000`;
  }
  const out = given('out') ?? '';
  const format =
    given('format') ?? /\.(csv|ndjson|jsonl)$/.exec(out)?.[1]?.replace('jsonl', 'ndjson');
  if (format !== 'csv' && format !== 'ndjson' && does === 'run' && !help) {
    return '--format must be csv or ndjson; it is known by itself when --out ends in .csv or .ndjson';
  }
  return {
    help,
    does,
    body: bodyOf(given),
    out,
    format: format === 'ndjson' ? 'ndjson' : 'csv',
    url: (url ?? '').replace(/\/+$/, ''),
    key: given('key') ?? env['GLASSHOUSE_KEY'],
    overwrite: values.overwrite === true,
  };
};

const bodyOf = (
  given: (name: keyof typeof flags) => string | undefined,
): Record<string, string> => {
  const body = {
    what: given('what'),
    coin: given('coin'),
    exchange: given('exchange'),
    base: given('base'),
    exchange_list: given('exchange-list'),
    unit: given('unit'),
    interval: given('interval'),
    from: given('from'),
    to: given('to'),
  };
  return Object.fromEntries(
    Object.entries(body).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
};
