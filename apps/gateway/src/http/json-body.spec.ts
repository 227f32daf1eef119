import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { readJsonBody } from './json-body.ts';

describe('a body that does not come', () => {
  let server: Server;
  const thrown: unknown[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      readJsonBody(request, z.strictObject({}), 50).catch((error: unknown) => {
        thrown.push(error);
        response.end();
      });
    });
    await new Promise<void>((on) => server.listen(0, '127.0.0.1', on));
  });
  afterAll(() => {
    server.close();
  });

  it.each([
    ['slowly', false, { status: 408 }],
    ['to its end', true, { kind: 'invalid-request' }],
  ])('%s is waited for no longer', async (_how, breaksOff, error) => {
    thrown.length = 0;
    const { port } = server.address() as AddressInfo;
    await new Promise<void>((closed) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.write(
          'POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{',
        );
        if (breaksOff) setTimeout(() => socket.destroy(), 10);
      });
      socket.on('close', () => closed()).resume();
    });
    while (thrown.length === 0) await new Promise((on) => setTimeout(on, 5));
    expect(thrown).toEqual([expect.objectContaining(error)]);
  });
});
