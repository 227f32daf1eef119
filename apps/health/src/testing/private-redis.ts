import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { createRedis, redisReady } from '@glasshouse/service-kit';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** False where there is no `redis-server` on the PATH; said once, so that a skipped test is no silent one. */
export const redisIsHere = ((): boolean => {
  const here = spawnSync('redis-server', ['--version']).status === 0;
  if (!here) {
    process.stderr.write('SKIPPED: no redis-server on the PATH, tests that need one are not run\n');
  }
  return here;
})();

export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

/** A Redis of this spec's own, on a free port, without persistence. */
export class PrivateRedis {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #connections: ReturnType<typeof createRedis>[] = [];

  private constructor(port: number, child: ChildProcess) {
    this.url = `redis://127.0.0.1:${port}`;
    this.#child = child;
  }

  static async started(): Promise<PrivateRedis> {
    const port = await freePort();
    const where = ['--port', String(port), '--bind', '127.0.0.1'];
    const child = spawn('redis-server', [...where, '--save', '', '--appendonly', 'no'], {
      stdio: 'ignore',
    });
    const redis = new PrivateRedis(port, child);
    if (!(await redisReady(redis.connect('worker'), 10_000))) {
      throw new Error('the private redis-server did not start');
    }
    return redis;
  }

  connect(preset: 'producer' | 'worker' | 'subscriber'): ReturnType<typeof createRedis> {
    const connection = createRedis(this.url, preset, { logger: silent, name: 'spec' });
    this.#connections.push(connection);
    return connection;
  }

  async stop(): Promise<void> {
    for (const connection of this.#connections) connection.disconnect();
    if (this.#child.exitCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}
