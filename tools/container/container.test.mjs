import assert from 'node:assert/strict';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { spawnManaged } from '../launcher/processes.mjs';
import { apps } from './apps.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const read = (/** @type {string} */ path) => readFileSync(join(root, path), 'utf8');

describe('the container image', () => {
  const dockerfile = read('Dockerfile');

  it('installs from every manifest the lock file knows', () => {
    for (const path of globSync(
      ['apps/*/package.json', 'libs/*/package.json', 'e2e/package.json', 'proof/package.json'],
      {
        cwd: root,
      },
    ))
      assert.ok(
        dockerfile.includes(`COPY ${path.replaceAll('\\', '/')} `),
        `the Dockerfile does not copy ${path}, so npm ci would fail in it`,
      );
  });

  it('runs as nobody special, with a health check, and holds no key', () => {
    assert.match(dockerfile, /^USER node$/m);
    assert.match(dockerfile, /^HEALTHCHECK /m);
    assert.doesNotMatch(dockerfile, /API_KEY/);
  });

  it('knows every app', () => {
    const folders = globSync('apps/*/package.json', { cwd: root }).map((path) =>
      dirname(path).replace(/^apps[\\/]/, ''),
    );
    assert.deepEqual(Object.keys(apps).sort(), folders.sort());
  });

  it('is well when the app answers on its port, and only then', async () => {
    let status = 200;
    const server = createServer((request, response) => {
      response.statusCode = request.url === '/readyz' ? status : 404;
      response.end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    const check = async (/** @type {NodeJS.ProcessEnv} */ env) => {
      const args = [join(root, 'tools/container/healthcheck.mjs')];
      const child = spawnManaged({ name: 'check', command: process.execPath, args, env });
      return (await child.exited).code;
    };
    const env = { APP: 'fetcher', FETCHER_PORT: String(port) };
    assert.equal(await check(env), 0);
    status = 503;
    assert.equal(await check(env), 1);
    assert.equal(await check({ APP: 'nothing' }), 1);
    server.close();
  });
});

describe('docker-compose.yml', () => {
  /** Service by service: name and text. */
  const services = Object.fromEntries(
    [...read('docker-compose.yml').matchAll(/^ {2}([a-z]+):\n((?: {4}.*\n|\n)+)/gm)].map(
      ([, name, text]) => [String(name), String(text)],
    ),
  );

  it('gives the vendor key to the fetcher alone', () => {
    assert.deepEqual(Object.keys(services).sort(), [
      ...['fetcher', 'gateway', 'health', 'redis', 'sandbox'],
    ]);
    for (const [name, text] of Object.entries(services))
      assert.equal(text.includes('COINGLASS_API_KEY'), name === 'fetcher', name);
    assert.equal(read('docker-compose.yml').match(/ COINGLASS_API_KEY:/g)?.length, 1);
  });

  it('publishes ports on this machine only', () => {
    for (const [, port] of read('docker-compose.yml').matchAll(/ports: \['([^']+)'/g))
      assert.match(String(port), /^127\.0\.0\.1:/);
  });

  it('runs a Redis that forgets nothing, and the sandbox only when asked', () => {
    assert.match(String(services['redis']), /noeviction, --appendonly, 'yes'/);
    assert.match(String(services['sandbox']), /profiles: \[sandbox\]/);
  });
});

describe('.env.example', () => {
  it('explains every setting that an app or the launcher reads, and no other', () => {
    const told = new Set(
      [...read('.env.example').matchAll(/^#([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name),
    );
    const schemas = [
      ...globSync('apps/*/src/config.ts', { cwd: root }),
      ...globSync('libs/service-kit/src/config/*-env.ts', { cwd: root }),
    ];
    const wanted = schemas.flatMap((path) =>
      [...read(path).matchAll(/^\s+([A-Z][A-Z0-9_]{3,}): /gm)].map(([, name]) => name),
    );
    assert.ok(wanted.length > 20);
    for (const name of [...wanted, 'REDIS_SERVER_BIN'])
      assert.ok(told.has(name), `${name} is missing`);
    const known = new Set([...wanted, 'REDIS_SERVER_BIN']);
    for (const name of told)
      assert.ok(known.has(name) || /^OTEL_/.test(String(name)), `nobody reads ${name}`);
  });
});
