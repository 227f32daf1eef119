import { parseArgs } from 'node:util';
import { endpointIds, nearest } from '@glasshouse/coinglass-client';
import { faces, type VerifiedFace } from './question.ts';

export const streamName = 'stream';

export interface VerifyOptions {
  readonly help: boolean;
  readonly json: boolean;
  readonly curl: boolean;
  readonly upstream: boolean;
  readonly faces: readonly VerifiedFace[];
  /** Endpoint ids and `stream`. */
  readonly only: readonly string[];
  /** The gateway, without a slash at its end; undefined when nobody says where it is. */
  readonly url: string | undefined;
  readonly key: string | undefined;
}

export const usage = `Usage: npm run verify [-- options]

Asks every endpoint of the catalogue once with its sample, in both faces of the gateway, opens the stream, and prints what came. A
refusal that is meant (a plan that does not include an endpoint, with the route to read instead) counts as passed.

  --upstream         ask CoinGlass itself: jobs of the fetcher on the probe lane, never from the store; at most one request each, paced
  --face <face>      house or drop-in only
  --only <name,...>  only these: endpoint ids, ${streamName}
  --curl             print the curl commands instead of asking
  --json             the result as JSON on standard output; the table on standard error
  --url <url>        the gateway; else GLASSHOUSE_URL, else the house that runs from this folder
  --key <key>        the team's key; better in GLASSHOUSE_KEY, where ps does not show it
  --help             show this

Exit code: 0 passed or warned, 1 failed, 2 wrong use, or the gateway asks for a key, 3 could not be asked.
`;

const flag = { type: 'boolean', default: false } as const;
const text = { type: 'string' } as const;

/** The options, or a sentence saying what is wrong with them and what to do. */
export const readOptions = (
  argv: readonly string[],
  env: Readonly<NodeJS.ProcessEnv>,
): VerifyOptions | string => {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        ...{ upstream: flag, curl: flag, json: flag, help: { ...flag, short: 'h' } },
        ...{ face: text, only: text, url: text, key: text },
      },
    });
    return fromValues(values, env);
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
};

interface Values {
  readonly upstream: boolean;
  readonly curl: boolean;
  readonly json: boolean;
  readonly help: boolean;
  readonly face?: string;
  readonly only?: string;
  readonly url?: string;
  readonly key?: string;
}

const fromValues = (
  { face, only: list, url: givenUrl, key, ...flags }: Values,
  env: Readonly<NodeJS.ProcessEnv>,
): VerifyOptions | string => {
  const wanted = faces.find((each) => each === face);
  if (face !== undefined && wanted === undefined) return `--face must be ${faces.join(' or ')}`;
  if (flags.upstream && face !== undefined) return '--upstream asks no face: leave --face out';
  if (flags.upstream && flags.curl) {
    return '--curl prints requests to the gateway; one to CoinGlass itself would not be counted by the limit: use --upstream alone';
  }
  if (flags.curl && flags.json) return '--curl prints a script, no JSON: leave one of them out';
  const names: readonly string[] = [...endpointIds, streamName];
  const only = list === undefined ? names : list.split(',').map((name) => name.trim());
  const unknown = only.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const [suggestion] = nearest(unknown, names);
    const hint = suggestion === undefined ? '' : ` (did you mean ${suggestion}?)`;
    return `--only: ${JSON.stringify(unknown)} is no endpoint of the catalogue${hint}; all: ${names.join(', ')}`;
  }
  const url = givenUrl ?? env['GLASSHOUSE_URL'];
  if (url !== undefined && !/^https?:\/\/[^/]/.test(url)) {
    return '--url must begin with http:// or https://, such as http://127.0.0.1:3000';
  }
  // It is shown in the table, the report and the curl commands.
  if (url !== undefined && /^https?:\/\/[^/]*@|[?#'\s]/.test(url)) {
    return "--url is an address without user, password, query, blank and ': a team's key goes into GLASSHOUSE_KEY";
  }
  if (
    url === undefined &&
    !flags.upstream &&
    !flags.help &&
    only.some((name) => name !== streamName)
  ) {
    return 'no house runs from this folder: start it with npm start, or name a gateway with --url http://…';
  }
  return {
    ...flags,
    faces: wanted === undefined ? faces : [wanted],
    only,
    url: url?.replace(/\/+$/, ''),
    key: key ?? env['GLASSHOUSE_KEY'],
  };
};
