import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { jobSchemaFile, schemaPath } from './job-schema.mjs';

describe('docs/reference/fetch-job.schema.json', () => {
  it('is what the schema of a job says today', async () => {
    assert.equal(
      readFileSync(schemaPath, 'utf8'),
      await jobSchemaFile(),
      'it is not current: npm run build && npm run docs',
    );
  });
});
