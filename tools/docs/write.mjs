/** `npm run docs`: writes the pages that are made of the code as built. */
import { writeFileSync } from 'node:fs';
import { failuresPage, pagePath } from './failures.mjs';
import { jobSchemaFile, schemaPath } from './job-schema.mjs';

writeFileSync(pagePath, failuresPage());
writeFileSync(schemaPath, await jobSchemaFile());
process.stdout.write('docs/reference/ is written.\n');
