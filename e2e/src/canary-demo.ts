import { parseArgs } from 'node:util';
import { play, type Played } from './canary-demo/play.ts';
import { demoScenarios } from './canary-demo/scenarios.ts';

/**
 * `npm run demo:canary`: rollouts in a whole house with real processes, Redis and sockets, the sandbox as vendor and a minute of a second
 * and a half. Ends with a table; the exit code is 1 if a run did not end as it should.
 */

const usage = `npm run demo:canary -- [options]
  --only <name>   one scenario, or several: --only healthy --only 401
  --list          what there is
`;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const expected = ({ scenario: { expects } }: Played): string =>
  [
    expects.status,
    expects.because?.join(' or '),
    expects.held && `held ${expects.held.join(' or ')}`,
  ]
    .filter((word) => word !== undefined)
    .join(', ');

const table = (all: readonly Played[]): string => {
  const rows = [
    ['scenario', 'outcome', 'reason', 'minute', 'expected', 'ok'],
    ...all.map((played) => [
      played.scenario.name,
      played.status,
      played.because,
      String(played.minutes),
      expected(played),
      played.wrong.length === 0 ? 'ok' : `NO: ${played.wrong.join(', ')}`,
    ]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};

const chosen = (only: readonly string[]) => {
  const unknown = only.filter((name) => !demoScenarios.some((each) => each.name === name));
  if (unknown.length > 0) throw new TypeError(`There is no scenario "${unknown.join('", "')}".`);
  return demoScenarios.filter(({ name }) => only.length === 0 || only.includes(name));
};

const main = async (): Promise<number> => {
  const { values } = parseArgs({
    options: { only: { type: 'string', multiple: true }, list: { type: 'boolean' } },
  });
  const scenarios = chosen(values.only ?? []);
  if (values.list) {
    for (const { name, what } of scenarios) say(`${name.padEnd(16)} ${what}`);
    return 0;
  }
  const all: Played[] = [];
  for (const scenario of scenarios) {
    say(`\n${scenario.name}: ${scenario.what}`);
    const played = await play(scenario, say).catch((thrown: unknown): Played => ({
      scenario,
      ...{ status: 'broke', because: '', minutes: 0, seconds: 0 },
      wrong: [String(thrown)],
    }));
    say(`  took ${played.seconds.toFixed(0)} s`);
    all.push(played);
  }
  say(`\n${table(all)}`);
  return all.every(({ wrong }) => wrong.length === 0) ? 0 : 1;
};

try {
  process.exitCode = await main();
} catch (thrown) {
  if (!(thrown instanceof TypeError)) throw thrown;
  process.stderr.write(`${thrown.message}\n\n${usage}`);
  process.exitCode = 2;
}
