import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { freePort } from './ports.mjs';
import { redisTrouble, requireRedis, shownRedisUrl } from './redis-ping.mjs';

/** @type {(() => void)[]} */
const closers = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

/** A server that answers each chunk with the given text. @param {(heard: string) => string} answer */
const serve = async (answer) => {
  /** @type {string[]} */
  const heard = [];
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      heard.push(chunk.toString());
      socket.write(answer(chunk.toString()));
    });
    closers.push(() => socket.destroy());
  }).listen(0, '127.0.0.1');
  closers.push(() => server.close());
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { port, heard };
};

describe('asking a Redis whether it is there', () => {
  it('is content with a PONG', async () => {
    const { port } = await serve(() => '+PONG\r\n');
    assert.equal(await redisTrouble(`redis://127.0.0.1:${port}`), undefined);
  });

  it('gives user and password as they were meant', async () => {
    const { port, heard } = await serve(() => '+OK\r\n+PONG\r\n');
    assert.equal(await redisTrouble(`redis://ann:p%40ss@127.0.0.1:${port}/2`), undefined);
    assert.equal(
      heard.join(''),
      '*3\r\n$4\r\nAUTH\r\n$3\r\nann\r\n$4\r\np@ss\r\n*1\r\n$4\r\nPING\r\n',
    );
  });

  it('gives up after the bound when nobody answers', async () => {
    const { port } = await serve(() => '');
    assert.equal(await redisTrouble(`redis://127.0.0.1:${port}`, 50), 'no answer within 0.05 s');
  });

  it('tells a wrong password from a server that is away', async () => {
    const { port } = await serve(() => '-WRONGPASS invalid username-password pair\r\n');
    const refusal = await redisTrouble(`redis://:hunter2@127.0.0.1:${port}`);
    assert.equal(refusal, 'it refuses the user or password');
    assert.equal(
      await redisTrouble(`redis://127.0.0.1:${await freePort()}`),
      'nothing listens there',
    );
  });

  it('recognises what is no Redis', async () => {
    const { port } = await serve(() => 'HTTP/1.1 400 Bad Request\r\n\r\n');
    const trouble = await redisTrouble(`redis://127.0.0.1:${port}`);
    assert.equal(trouble, 'what listens there is no Redis');
  });

  it('never prints the password', async () => {
    const port = await freePort();
    const url = `redis://alice:hunter2@127.0.0.1:${port}/1`;
    assert.equal(shownRedisUrl(url), `redis://127.0.0.1:${port}/1`);
    await assert.rejects(requireRedis(url), (/** @type {Error} */ error) => {
      assert.match(
        error.message,
        /^Redis at redis:\/\/127\.0\.0\.1:\d+\/1 \(REDIS_URL\) cannot be used: nothing listens there\./,
      );
      assert.doesNotMatch(error.message, /hunter2|alice/);
      return true;
    });
  });
});
