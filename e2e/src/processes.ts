import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

export const root = join(process.cwd(), '..');

/** A child process with everything it printed. */
export interface Running {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Sends the signal and waits for the end; SIGKILL after `graceMs`. Resolves to the exit code. */
  stop(signal?: NodeJS.Signals, graceMs?: number): Promise<number | null>;
}

export const run = (command: string, args: readonly string[], env: NodeJS.ProcessEnv): Running => {
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const collect = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const ended = new Promise<number | null>((resolve) =>
    child.once('exit', (code) => resolve(code)),
  );
  return {
    child,
    output: () => output,
    stop: async (signal = 'SIGTERM', graceMs = 26_000) => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      const code = await ended;
      clearTimeout(timer);
      return code;
    },
  };
};

/** Polls until the condition holds; what it was waiting for is in the error. */
export const until = async (
  what: string,
  holds: () => Promise<boolean> | boolean,
  withinMs = 20_000,
): Promise<void> => {
  const deadlineAt = Date.now() + withinMs;
  for (;;) {
    if (await holds()) return;
    if (Date.now() > deadlineAt) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
};
