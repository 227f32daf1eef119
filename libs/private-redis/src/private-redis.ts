import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis, type RedisOptions } from 'ioredis';
import { freePort } from './free-port.ts';

const binary = ['redis-server', 'valkey-server'].find(
  (name) => spawnSync(name, ['--version']).status === 0,
);

const missing = 'neither redis-server nor valkey-server is on the PATH';

/** Whether a server can be started here. If not, that is said once per spec file: what is skipped must not be silent. */
export const redisIsHere = binary !== undefined;
if (!redisIsHere) {
  process.stderr.write(`SKIPPED: ${missing}, tests that need one are not run\n`);
}

export interface PrivateRedisOptions {
  /** What clients must give; none unless told. */
  readonly password?: string;
  /** True: an append-only file, fsynced each second, so that what it holds outlives `kill` and is there after `start`. */
  readonly appendOnly?: boolean;
}

/** A Redis of a spec's own: on a free port of 127.0.0.1, with nothing kept on disk unless told. Whoever starts it stops it. */
export class PrivateRedis {
  readonly port: number;
  readonly #options: PrivateRedisOptions;
  readonly #clients: Redis[] = [];
  #child: ChildProcess | undefined;
  #folder: string | undefined;

  private constructor(port: number, options: PrivateRedisOptions) {
    this.port = port;
    this.#options = options;
  }

  static async started(options: PrivateRedisOptions = {}): Promise<PrivateRedis> {
    const redis = await PrivateRedis.absent(options);
    await redis.start();
    return redis;
  }

  /** A port on which no Redis listens until `start`. */
  static async absent(options: PrivateRedisOptions = {}): Promise<PrivateRedis> {
    return new PrivateRedis(await freePort(), options);
  }

  /** Without the password. */
  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it on its port, the first time or again, empty unless it keeps a file; resolves when it answers. */
  async start(): Promise<void> {
    if (binary === undefined) throw new Error(missing);
    const { password } = this.#options;
    const where = ['--port', String(this.port), '--bind', '127.0.0.1'];
    const keeps = ['--save', '', ...this.#appendOnly()];
    const secured = password === undefined ? [] : ['--requirepass', password];
    const child = spawn(binary, [...where, ...keeps, ...secured], { stdio: 'ignore' });
    this.#child = child;
    const probe = this.client();
    const ended = once(child, 'exit').then(() => 'ended');
    const answer = await Promise.race([probe.info('server'), ended]);
    probe.disconnect();
    // Somebody may have been quicker with the port, and then answers in its place.
    if (answer.includes(`process_id:${child.pid}\r`)) return;
    await this.kill();
    throw new Error(`${binary} could not start on port ${this.port}: is it taken?`);
  }

  /** A connection that waits for the server, and for its return, unless the options say otherwise; `stop` closes it. */
  client(options: Omit<RedisOptions, 'replyMapping'> = {}): Redis {
    const { password } = this.#options;
    const client = new Redis(this.port, {
      ...(password !== undefined && { password }),
      maxRetriesPerRequest: null,
      retryStrategy: () => 20,
      // ioredis watches over a closing for so long even when all is closed, and the process stays up with it.
      disconnectTimeout: 50,
      ...options,
    });
    client.on('error', () => undefined);
    this.#clients.push(client);
    return client;
  }

  /** The server is there, but answers nobody until `thaw`. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Ends the server at once; `start` brings it back on the same port. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.disconnect();
    await this.kill();
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }

  #appendOnly(): string[] {
    if (this.#options.appendOnly !== true) return ['--appendonly', 'no'];
    this.#folder ??= mkdtempSync(join(tmpdir(), 'private-redis-'));
    return ['--appendonly', 'yes', '--appendfsync', 'everysec', '--dir', this.#folder];
  }
}
