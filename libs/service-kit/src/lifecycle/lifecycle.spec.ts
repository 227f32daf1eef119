import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '../config/config-error.ts';
import { createLogger } from '../logging/logger.ts';
import { createLifecycle } from './lifecycle.ts';
import type { Lifecycle } from './lifecycle.ts';
import { describeStartError } from './start-error.ts';

const start = (graceMs?: number) => {
  const events = new EventEmitter();
  const lines: string[] = [];
  const exits: number[] = [];
  const logger = createLogger({
    service: 'spec',
    level: 'info',
    secrets: [],
    destination: { write: (line) => void lines.push(line) },
  });
  const lifecycle: Lifecycle = createLifecycle({
    logger,
    events,
    exit: (code) => void exits.push(code),
    ...(graceMs !== undefined && { graceMs }),
  });
  return { lifecycle, events, exits, log: () => lines.join('') };
};

const gate = () => {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
};

describe('the end of a process', () => {
  it('stops what was started last first, one step after the other, and exits with 0', async () => {
    const { lifecycle, events, exits } = start();
    const order: string[] = [];
    for (const name of ['telemetry', 'redis', 'worker', 'server'])
      lifecycle.onStop(
        name,
        async () => {
          order.push(`${name} begins`);
          await Promise.resolve();
          order.push(`${name} ends`);
        },
        1_000,
      );
    events.emit('SIGTERM');
    expect(lifecycle.stopping).toBe(true);
    await lifecycle.stop('asked again');
    expect(order).toEqual([
      'server begins',
      'server ends',
      'worker begins',
      'worker ends',
      'redis begins',
      'redis ends',
      'telemetry begins',
      'telemetry ends',
    ]);
    expect(exits).toEqual([0]);
  });

  it('goes on after a step that fails or hangs, says so, and exits with 1', async () => {
    const { lifecycle, exits, log } = start();
    const order: string[] = [];
    lifecycle.onStop('last', () => void order.push('last'), 1_000);
    lifecycle.onStop('hanging', () => new Promise(() => undefined), 20);
    lifecycle.onStop(
      'failing',
      () => {
        throw new Error('no');
      },
      1_000,
    );
    await lifecycle.stop('spec');
    expect(order).toEqual(['last']);
    expect(exits).toEqual([1]);
    expect(log()).toMatch(/stopping failing failed/);
    expect(log()).toMatch(/stopping hanging took too long/);
  });

  it('gives all steps together no more than the grace', async () => {
    const { lifecycle, exits } = start(40);
    for (const name of ['a', 'b', 'c'])
      lifecycle.onStop(name, () => new Promise(() => undefined), 10_000);
    const startedAt = performance.now();
    await lifecycle.stop('spec');
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(exits).toEqual([1]);
  });

  it('skips nothing on the second signal and exits at once on the third', async () => {
    const { lifecycle, events, exits } = start();
    const { open, opened } = gate();
    let flushed = false;
    lifecycle.onStop('flush', () => opened.then(() => void (flushed = true)), 5_000);
    events.emit('SIGTERM');
    events.emit('SIGINT');
    expect(exits).toEqual([]);
    open();
    await lifecycle.stop('wait');
    expect(flushed).toBe(true);
    expect(exits).toEqual([0]);
    events.emit('SIGINT');
    expect(exits).toEqual([0, 1]);
  });

  it.each(['unhandledRejection', 'uncaughtException'])(
    'ends in order with 1 after an %s',
    async (kind) => {
      const { lifecycle, events, exits, log } = start();
      let stopped = false;
      lifecycle.onStop('work', () => void (stopped = true), 1_000);
      events.emit(kind, new Error('a bug'));
      await lifecycle.stop('wait');
      expect({ stopped, exits }).toEqual({ stopped: true, exits: [1] });
      expect(log()).toMatch(/"level":"fatal".*a bug/);
    },
  );

  it('works on a real process', async () => {
    const module = pathToFileURL(join(__dirname, 'lifecycle.ts')).href;
    const program = `
      const { createLifecycle } = await import(${JSON.stringify(module)});
      const say = (_, text) => console.log(text);
      const logger = { info: say, warn: say, error: say, fatal: say };
      const alive = setInterval(() => {}, 1000);
      createLifecycle({ logger }).onStop('work', () => clearInterval(alive), 1000);
      console.log('up');`;
    const child = spawn(process.execPath, ['--input-type=module', '--no-warnings', '-e', program]);
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += String(chunk);
      if (String(chunk).includes('up')) child.kill('SIGTERM');
    });
    child.stderr.on('data', (chunk) => (output += String(chunk)));
    const [code] = (await once(child, 'exit')) as [number];
    expect({ code, output }).toEqual({ code: 0, output: 'up\nstopping: SIGTERM\nstopped\n' });
  });
});

describe('a start that fails', () => {
  const system = (code: string, more: object = {}) =>
    Object.assign(new Error(code), { code, ...more });

  it.each([
    [system('EADDRINUSE', { port: 3000 }), /Port 3000 is taken.*GATEWAY_PORT/],
    [system('EACCES', { syscall: 'listen', port: 80 }), /port 80 is not permitted.*GATEWAY_PORT/],
    [system('EADDRNOTAVAIL', { address: '10.9.9.9', port: 1 }), /10\.9\.9\.9:1.*HOST/],
    [system('ECONNREFUSED', { address: '127.0.0.1', port: 6379 }), /127\.0\.0\.1:6379.*start it/],
    [new AggregateError([system('ECONNREFUSED', { address: '::1', port: 6379 })]), /::1:6379/],
    [system('ENOTFOUND', { hostname: 'redis' }), /redis cannot be resolved/],
    [new Error('something else'), /something else/],
    ['text', /text/],
  ])('is told in one sentence with the remedy: %s', (thrown, sentence) => {
    const told = describeStartError(thrown, { portVariable: 'GATEWAY_PORT' });
    expect(told).toMatch(sentence);
    expect(told).not.toContain('\n');
  });

  it('because of the configuration keeps one line per problem', () => {
    const error = new ConfigError([
      { name: 'A', message: 'is missing' },
      { name: 'B', message: 'is not a port' },
    ]);
    expect(describeStartError(error)).toBe(
      'The configuration cannot be used:\n  A: is missing\n  B: is not a port',
    );
  });
});
