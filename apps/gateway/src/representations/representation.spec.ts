import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import type { Meta } from './meta.ts';
import { Representation } from './representation.ts';

const meta: Meta = {
  source: 'sandbox',
  endpoint: 'etf/bitcoin/list',
  asked: {},
  served: {},
  fetchedAt: '2026-11-23T00:00:00.000Z',
  stale: false,
  permits: 1,
};
const times = { fetchedAt: 1_000, freshUntil: 2_000, staleUntil: 9_000 };
const data = Buffer.from(
  JSON.stringify(Array.from({ length: 200 }, (_, n) => ({ n, ticker: 'IBIT' }))),
);

describe('a representation', () => {
  it("keeps the data's bytes as they are inside the envelope", async () => {
    const odd = Buffer.from('[ 1.50,"\\u00e9" ]');
    const { body } = await new Representation(odd, meta, times).encoded('identity');
    expect(body.toString()).toBe(
      `{"code":"0","msg":"success","data":[ 1.50,"\\u00e9" ],"meta":${JSON.stringify(meta)}}`,
    );
  });

  it('has the same content in every encoding, each with its own entity tag', async () => {
    const representation = new Representation(data, meta, times);
    const identity = await representation.encoded('identity');
    const br = await representation.encoded('br');
    const gzip = await representation.encoded('gzip');
    expect(brotliDecompressSync(br.body)).toEqual(identity.body);
    expect(gunzipSync(gzip.body)).toEqual(identity.body);
    expect(new Set([identity.etag, br.etag, gzip.etag]).size).toBe(3);
    for (const { etag } of [identity, br, gzip]) expect(representation.matches(etag)).toBe(true);
    expect(representation.matches('"another"')).toBe(false);
  });

  it('compresses once however many ask at the same moment', async () => {
    const representation = new Representation(data, meta, times);
    const [a, b] = await Promise.all([representation.encoded('br'), representation.encoded('br')]);
    expect(a).toBe(b);
    expect(representation.ready('br')).toBe(a);
  });

  it('does not compress what is small', async () => {
    const small = new Representation(Buffer.from('[]'), meta, times);
    expect((await small.encoded('br')).headers).not.toContain('content-encoding');
  });

  it('says that it is stale and why, over the same data', async () => {
    const fresh = new Representation(data, meta, times);
    const stale = fresh.asStale('upstream-unavailable');
    const read = async (representation: Representation) =>
      JSON.parse((await representation.encoded('identity')).body.toString()) as {
        data: unknown;
        meta: Meta;
      };
    expect((await read(stale)).meta).toMatchObject({
      stale: true,
      staleReason: 'upstream-unavailable',
    });
    expect((await read(stale)).data).toEqual((await read(fresh)).data);
    expect(stale.asStale('upstream-unavailable')).toBe(stale);
    expect(stale.matches((await fresh.encoded('identity')).etag)).toBe(false);
  });
});
