import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const writer = pathToFileURL(join(__dirname, 'standard-output.ts')).href;

/** A process that writes many lines and exits at once, and what arrived. */
const writeAndExit = async (stdout: 'pipe' | number, readAfterMs = 0) => {
  const program = `
    const { lineWriter } = await import(${JSON.stringify(writer)});
    const out = lineWriter(1);
    for (let i = 0; i < 3000; i += 1) out.write(i + ' ' + 'x'.repeat(200) + '\\n');
    process.exit(0);`;
  const args = ['--input-type=module', '--no-warnings', '-e', program];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', stdout, 'inherit'],
    timeout: 4_000,
  });
  let received = '';
  setTimeout(() => child.stdout?.on('data', (chunk) => (received += String(chunk))), readAfterMs);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, lines: received.split('\n').filter(Boolean) };
};

describe('standard output', () => {
  it('loses no line of a process that exits right after writing, whose reader is slow', async () => {
    const { code, lines } = await writeAndExit('pipe', 700);
    expect(code).toBe(0);
    expect(new Set(lines.map((line) => Number.parseInt(line, 10))).size).toBe(3_000);
  });

  const full = '/dev/full';
  (existsSync(full) ? it : it.skip)('lets a process end whose disk is full', async () => {
    expect((await writeAndExit(openSync(full, 'w'))).code).toBe(0);
  });
});
