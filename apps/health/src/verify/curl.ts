import type { Question } from './question.ts';

/** How each face is shown a team's key; from the shell's variable, so that none stands in a command. */
const keyHeaders: Readonly<Record<Question['face'], string>> = {
  house: '"Authorization: Bearer $GLASSHOUSE_KEY"',
  'drop-in': '"CG-API-KEY: $GLASSHOUSE_KEY"',
};

/** The command that asks the same by hand. */
export const curlOf = (url: string, { face, path }: Question): string =>
  `curl -sS -H ${keyHeaders[face]} '${url}${path}'`;

/** All commands of a verification, each under what it asks. */
export const curlScript = (
  url: string,
  questions: readonly Question[],
  withStream: boolean,
): string =>
  [
    '# GLASSHOUSE_KEY: the key of a team; unset is fine where the gateway asks for none',
    ...questions.flatMap((question) => [
      '',
      `# ${question.face}  ${question.endpoint.id}`,
      curlOf(url, question),
    ]),
    ...(withStream
      ? [
          '',
          '# stream: only the fetcher holds the key of CoinGlass, so it is asked to connect',
          'npm run verify -- --only stream',
        ]
      : []),
    '',
  ].join('\n');
