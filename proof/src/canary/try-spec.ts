import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Patch } from '../mutants/mutant.ts';

const root = join(import.meta.dirname, '../../..');
const library = 'libs/canary/';
const run = promisify(execFile);
const SPECS_MAX_MS = 120_000;

interface JestResult {
  readonly numTotalTests: number;
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

const plant = async (folder: string, { file, find, replace }: Patch): Promise<void> => {
  const copy = join(folder, file.slice(library.length));
  const text = await readFile(copy, 'utf8');
  const parts = text.split(find);
  if (parts.length !== 2) throw new Error(`${file}: found ${parts.length - 1} times: ${find}`);
  await writeFile(copy, parts.join(replace));
};

/** Runs a spec of the verdict on a copy with the faults in it. Gives the names of the tests that failed. */
export const trySpec = async (
  spec: string,
  patches: readonly Patch[],
): Promise<readonly string[]> => {
  // Inside the project, so that its packages are found.
  await mkdir(join(root, 'var'), { recursive: true });
  const folder = await mkdtemp(join(root, 'var/canary-mutant-'));
  try {
    await cp(join(root, library, 'src'), join(folder, 'src'), { recursive: true });
    for (const patch of patches) await plant(folder, patch);
    const jest = join(root, 'node_modules/jest/bin/jest.js');
    const config = join(root, 'jest.config.cjs');
    const output = join(folder, 'result.json');
    const args = [jest, '-c', config, '--rootDir', folder, '--json', '--outputFile', output];
    await run(
      process.execPath,
      ['--experimental-vm-modules', '--no-warnings', ...args, `verdict/${spec}.spec`],
      { timeout: SPECS_MAX_MS },
    ).catch((thrown: { code?: unknown }) => {
      if (thrown.code !== 1) throw thrown;
    });
    const { numTotalTests, testResults } = JSON.parse(await readFile(output, 'utf8')) as JestResult;
    if (numTotalTests === 0) throw new Error(testResults.map(({ message }) => message).join('\n'));
    return testResults.flatMap(({ assertionResults }) =>
      assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
};
