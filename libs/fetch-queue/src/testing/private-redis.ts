import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { Redis, type RedisOptions } from 'ioredis';

type Options = Omit<RedisOptions, 'replyMapping'>;

/** False where there is no `redis-server` on the PATH; said once, so that a skipped test is no silent one. */
export const redisIsHere = ((): boolean => {
  const here = spawnSync('redis-server', ['--version']).status === 0;
  if (!here)
    process.stderr.write('SKIPPED: no redis-server on the PATH, tests that need one are not run\n');
  return here;
})();

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

/** A Redis of this test's own, on a free port, without persistence. */
export class PrivateRedis {
  readonly port: number;
  readonly #clients: Redis[] = [];
  #child: ChildProcess | undefined;

  private constructor(port: number) {
    this.port = port;
  }

  static async started(): Promise<PrivateRedis> {
    const redis = await PrivateRedis.absent();
    await redis.start();
    return redis;
  }

  /** A port on which no Redis listens yet. */
  static async absent(): Promise<PrivateRedis> {
    return new PrivateRedis(await freePort());
  }

  async start(): Promise<void> {
    const where = ['--port', String(this.port), '--bind', '127.0.0.1'];
    const child = spawn('redis-server', [...where, '--save', '', '--appendonly', 'no'], {
      stdio: 'ignore',
    });
    this.#child = child;
    const probe = new Redis(this.port, { retryStrategy: () => 20, maxRetriesPerRequest: null });
    probe.on('error', () => undefined);
    await probe.ping();
    probe.disconnect();
  }

  /** A connection as producers have it: nothing waits for a Redis that is away. */
  client(options: Options = {}): Redis {
    const client = new Redis(this.port, {
      enableOfflineQueue: false,
      commandTimeout: 500,
      maxRetriesPerRequest: null,
      retryStrategy: () => 50,
      ...options,
    });
    client.on('error', () => undefined);
    this.#clients.push(client);
    return client;
  }

  async readyClient(options: Options = {}): Promise<Redis> {
    const client = this.client(options);
    if (client.status !== 'ready') await once(client, 'ready');
    return client;
  }

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
  }
}
