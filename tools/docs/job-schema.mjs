/** docs/reference/fetch-job.schema.json: what may be put on the shared queue, made of the schema that the consumer reads with. */
import { fileURLToPath } from 'node:url';
import { fetchJobSchema } from '@glasshouse/fetch-queue';

export const schemaPath = fileURLToPath(
  new URL('../../docs/reference/fetch-job.schema.json', import.meta.url),
);

/** The whole file, as prettier writes it. @returns {Promise<string>} */
export const jobSchemaFile = async () => {
  const { format } = await import('prettier');
  return format(JSON.stringify(fetchJobSchema()), { parser: 'json', printWidth: 100 });
};
