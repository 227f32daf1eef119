import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { Redis } from 'ioredis';

const binary = ['redis-server', 'valkey-server'].find(
  (name) => spawnSync(name, ['--version']).status === 0,
);

export const redisIsAvailable = binary !== undefined;

/** A Redis of the test's own: nothing is kept, nobody else can reach it by accident. */
export interface PrivateRedis {
  connect(): Redis;
  stop(): Promise<void>;
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

export const startPrivateRedis = async (): Promise<PrivateRedis> => {
  if (!binary) throw new Error('neither redis-server nor valkey-server is on the PATH');
  const port = await freePort();
  const options = ['--port', `${port}`, '--save', '', '--appendonly', 'no', '--bind', '127.0.0.1'];
  const child = spawn(binary, options, { stdio: 'ignore' });
  const exited = once(child, 'exit');
  const clients: Redis[] = [];

  const connect = (): Redis => {
    const client = new Redis({ port, retryStrategy: () => 20, maxRetriesPerRequest: 500 });
    client.on('error', () => undefined);
    clients.push(client);
    return client;
  };

  await connect().ping();
  return {
    connect,
    async stop() {
      for (const client of clients) client.disconnect();
      child.kill('SIGKILL');
      await exited;
    },
  };
};
