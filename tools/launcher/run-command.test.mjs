import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

for (const name of ['canary', 'check', 'flags', 'jobs', 'verify'])
  test(`${name} shows its help where no house runs`, () => {
    const script = fileURLToPath(new URL(`../${name}.mjs`, import.meta.url));
    const env = { ...process.env, REDIS_URL: '' };
    const { status, stdout } = spawnSync(process.execPath, [script, '--help'], {
      env,
      encoding: 'utf8',
    });
    assert.equal(status, 0);
    assert.match(stdout, new RegExp(`^Usage: npm run ${name}`));
  });
