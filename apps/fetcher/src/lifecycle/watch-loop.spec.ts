import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const program = join(process.cwd(), 'src/testing/watched-process.ts');

describe('a process that is watched', () => {
  it('is killed when its event loop turns no more', async () => {
    const child = spawn(process.execPath, [program, 'loop']);
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  }, 30_000);

  it('lives while its loop turns, and ends when the process that started it is gone', async () => {
    const parent = spawn('sh', ['-c', `"${process.execPath}" "${program}" & echo $!; wait`]);
    let told = '';
    parent.stdout.on('data', (chunk: Buffer) => (told += chunk.toString()));
    const isAlive = (): boolean => {
      try {
        return process.kill(Number.parseInt(told, 10), 0);
      } catch {
        return false;
      }
    };
    const until = async (holds: () => boolean): Promise<void> => {
      const deadlineAt = Date.now() + 20_000;
      while (!holds() && Date.now() < deadlineAt) await new Promise((on) => setTimeout(on, 20));
      expect(holds()).toBe(true);
    };
    await until(() => told.includes('watched'));
    // Longer than a silent loop is borne with.
    await new Promise((on) => setTimeout(on, 2_000));
    expect(isAlive()).toBe(true);
    parent.kill('SIGKILL');
    await until(() => !isAlive());
  }, 60_000);
});
