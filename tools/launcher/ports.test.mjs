import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import { claimPort, freePort, reachableHost } from './ports.mjs';

const gateway = { app: 'gateway', variable: 'GATEWAY_PORT', host: '127.0.0.1' };

describe('claiming a port', () => {
  it('names the taken port, its variable and the remedy in one sentence', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    await assert.rejects(claimPort({ ...gateway, port }), {
      name: 'StartProblem',
      exitCode: 1,
      message: `Port ${port} for the gateway (GATEWAY_PORT) is taken: stop what listens there, or set GATEWAY_PORT to another port.`,
    });
    await assert.rejects(
      claimPort({ ...gateway, port, holder: 'a friend' }),
      /is taken by a friend: /,
    );
    server.close();
  });

  it('leaves a free port free', async () => {
    const port = await freePort();
    assert.equal(await claimPort({ ...gateway, port }), port);
    assert.equal(await claimPort({ ...gateway, port }), port);
  });

  it('finds a port for 0', async () => {
    assert.ok((await claimPort({ ...gateway, port: 0 })) > 0);
  });

  it('blames HOST when it is no address of this machine', async () => {
    await assert.rejects(claimPort({ ...gateway, host: '203.0.113.7', port: await freePort() }), {
      message: /^HOST is "203\.0\.113\.7", which is no address of this machine: /,
    });
  });

  it('knows under which name this machine reaches itself', () => {
    assert.equal(reachableHost('0.0.0.0'), '127.0.0.1');
    assert.equal(reachableHost('::'), '[::1]');
    assert.equal(reachableHost('127.0.0.1'), '127.0.0.1');
  });
});
