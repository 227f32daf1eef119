import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { createRedis } from '@glasshouse/service-kit';

type Connection = ReturnType<typeof createRedis>;

/** False where there is no `redis-server` on the PATH; said once, so that a skipped test is no silent one. */
export const redisIsHere = ((): boolean => {
  const here = spawnSync('redis-server', ['--version']).status === 0;
  if (!here) {
    process.stderr.write('SKIPPED: no redis-server on the PATH, tests that need one are not run\n');
  }
  return here;
})();

export const silent = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

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
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #connections: Connection[] = [];

  private constructor(url: string, child: ChildProcess) {
    this.url = url;
    this.#child = child;
  }

  static async started(): Promise<PrivateRedis> {
    const port = await freePort();
    const args = [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
    ];
    const child = spawn('redis-server', args, { stdio: 'ignore' });
    const redis = new PrivateRedis(`redis://127.0.0.1:${port}`, child);
    await redis.connection().ping();
    return redis;
  }

  /** A connection as the fetcher's own: it waits for Redis to come back. */
  connection(): Connection {
    const connection = createRedis(this.url, 'worker', {
      logger: silent,
      name: 'test',
      random: () => 0,
    });
    this.#connections.push(connection);
    return connection;
  }

  async stop(): Promise<void> {
    for (const connection of this.#connections) connection.disconnect();
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}
