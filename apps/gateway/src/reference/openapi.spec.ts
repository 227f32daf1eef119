import { describe, expect, it } from '@jest/globals';
import { endpoints } from '@glasshouse/coinglass-client';
import { describeApi, type JsonSchema } from './openapi.ts';
import { referencePage } from './reference-page.ts';

const api = describeApi('1.2.3');

describe('the reference', () => {
  it('describes both faces of every endpoint, jobs, backfills, the canary, flags, the usage of teams, and nothing else', () => {
    const served = endpoints.flatMap(({ id, route }) => [
      route.replace(':coin', '{coin}'),
      `/api/${id}`,
    ]);
    const jobs = ['/v1/jobs', '/v1/jobs/{id}', '/v1/jobs/{id}/events'];
    const backfills = [
      '',
      '/{id}',
      ...['resume', 'events', 'data', 'gaps'].map((at) => `/{id}/${at}`),
    ].map((at) => `/v1/backfills${at}`);
    const canary = [
      '',
      ...['ticks', 'report', 'start', 'pause', 'resume', 'promote', 'rollback', 'clear'].map(
        (at) => `/${at}`,
      ),
    ].map((at) => `/v1/canary${at}`);
    const flags = ['', '/{key}', '/history', '/audit', '/revert'].map((at) => `/v1/flags${at}`);
    expect(Object.keys(api.paths).sort()).toEqual(
      [...served, ...jobs, ...backfills, ...canary, ...flags, '/v1/usage'].sort(),
    );
  });

  it("gives the house's defaults, and lets the vendor's needs stand on the drop-in face", () => {
    const house = api.paths['/advanced/funding/rate/{coin}']?.get?.parameters ?? [];
    const dropIn = api.paths['/api/futures/funding-rate/history']?.get?.parameters ?? [];
    const find = (parameters: typeof house, name: string) =>
      parameters.find((parameter) => parameter.name === name);
    expect(find(house, 'exchange')).toMatchObject({ required: false, schema: { default: 'OKX' } });
    const pairs = api.paths['/advanced/pairs/spot']?.get?.parameters ?? [];
    expect(find(pairs, 'exchange')?.schema['default']).toBeUndefined();
    expect(find(house, 'limit')?.schema['default']).toBe('1000');
    expect(find(house, 'symbol')).toBeUndefined();
    expect(find(dropIn, 'symbol')?.required).toBe(true);
    expect(find(dropIn, 'interval')?.schema['enum']).toContain('4h');
  });

  it('describes what a job may be asked, without what is not the caller’s to say', () => {
    const { post, get } = api.paths['/v1/jobs'] ?? {};
    const content = post?.requestBody?.['content'] as Record<string, { schema: JsonSchema }>;
    const { properties, required, additionalProperties } =
      content['application/json']?.schema ?? {};
    expect(Object.keys(properties as object).sort()).toEqual(
      ['v', 'endpoint', 'params', 'instrument', 'interval', 'strict', 'deadlineAt'].sort(),
    );
    expect({ required, additionalProperties }).toEqual({
      required: ['endpoint'],
      additionalProperties: false,
    });
    expect(Object.keys(post?.responses ?? {})).toEqual(
      expect.arrayContaining(['202', '400', '409', '413', '415', '503']),
    );
    expect(get?.parameters.map(({ name }) => name)).toEqual(['state', 'limit', 'cursor', 'team']);
  });

  it('says which key each operation needs, and what it answers without', () => {
    expect(Object.keys(api.components.securitySchemes)).toEqual(['bearer', 'cgApiKey']);
    for (const operations of Object.values(api.paths)) {
      for (const operation of [
        operations.get,
        operations.post,
        operations.put,
        operations.delete,
      ]) {
        if (!operation) continue;
        expect(operation['x-scope']).toMatch(/^(read|jobs:(write|bulk)|flags:(read|write))$/);
        expect(Object.keys(operation.responses)).toEqual(
          expect.arrayContaining(['401', '403', '429']),
        );
      }
    }
  });

  it('names the failures by status', () => {
    const { responses } = api.paths['/advanced/etf/flows']?.get ?? { responses: {} };
    expect(Object.keys(responses)).toEqual(
      expect.arrayContaining(['200', '400', '404', '422', '503']),
    );
  });

  it('is a page without scripts that escapes what it shows', () => {
    const page = referencePage(
      {
        ...api,
        info: { ...api.info, version: '<script>alert(1)</script>' },
      },
      "http://x'<script>",
    );
    expect(page).not.toContain('<script');
    expect(page).toContain('GET /advanced/funding/rate/{coin}');
    expect(page).toContain('POST /v1/jobs</code>');
    expect(page).toContain('DELETE /v1/jobs/{id}');
  });
});
