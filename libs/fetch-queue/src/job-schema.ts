import { z } from 'zod';
import { fetchJob } from './job.ts';

/** What may be put on the shared queue, as a JSON Schema (2020-12): the schema that the consumer reads with, told to others. */
export const fetchJobSchema = (): Record<string, unknown> => {
  const { $schema, ...schema } = z.toJSONSchema(fetchJob, { io: 'input', target: 'draft-2020-12' });
  return {
    $schema,
    title: 'A job on the queue coinglass-fetch',
    ...schema,
  };
};
