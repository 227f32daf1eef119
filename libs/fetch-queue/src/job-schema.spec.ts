import { describe, expect, it } from '@jest/globals';
import { fetchJobSchema } from './job-schema.ts';

describe('the schema of a job, as it is told to others', () => {
  it('names every member, refuses others, and says what must be there', () => {
    expect(fetchJobSchema()).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      additionalProperties: false,
      required: ['v', 'endpoint'],
      properties: {
        v: { const: 1 },
        instrument: { additionalProperties: false, required: ['coin'] },
        interval: { enum: expect.arrayContaining(['1m', '1w']) },
      },
    });
  });

  it('says of each member what it means', () => {
    const { properties } = fetchJobSchema() as {
      properties: Record<string, { description?: string }>;
    };
    for (const [name, { description = '' }] of Object.entries(properties)) {
      expect(`${name}: ${description}`).toMatch(/: .{10,}/);
    }
  });
});
