import { describe, expect, it } from '@jest/globals';
import { Memory } from './memory.ts';
import type { Meta } from './meta.ts';
import { Representation } from './representation.ts';

const meta = { source: 'sandbox', endpoint: 'x', stale: false } as unknown as Meta;
const representation = (bytes: number): Representation =>
  new Representation(Buffer.alloc(bytes, 'x'), meta, {
    fetchedAt: 0,
    freshUntil: 100,
    staleUntil: 1_000,
  });

describe('the memory', () => {
  it('hits by URL while the representation is fresh, and not after', () => {
    let now = 50;
    const memory = new Memory({ bytesMax: 1e6, now: () => now });
    const fresh = representation(10);
    memory.set('key', fresh);
    memory.link('/a', 'key');
    expect(memory.hit('/a')).toBe(fresh);
    expect(memory.hit('/b')).toBeUndefined();
    now = 100;
    expect(memory.hit('/a')).toBeUndefined();
    expect(memory.get('key')).toBe(fresh);
    now = 1_000;
    expect(memory.get('key')).toBeUndefined();
  });

  it('never hits a representation that is marked stale', () => {
    const memory = new Memory({ bytesMax: 1e6, now: () => 50 });
    memory.set('key', representation(10).asStale('store-unavailable'));
    memory.link('/a', 'key');
    expect(memory.hit('/a')).toBeUndefined();
  });

  it('stays inside its bytes, dropping what was used longest ago', () => {
    const memory = new Memory({ bytesMax: 10_000, now: () => 0 });
    for (const key of ['a', 'b', 'c']) memory.set(key, representation(2_000));
    memory.get('a');
    memory.set('d', representation(2_000));
    expect(memory.get('b')).toBeUndefined();
    expect(memory.get('a')).toBeDefined();
    expect(memory.get('d')).toBeDefined();
  });

  it('counts compressed bytes, too', async () => {
    const figures = Array.from({ length: 500 }, (_, n) => Math.sin(n) * 1e15);
    const noisy = new Representation(Buffer.from(JSON.stringify(figures)), meta, {
      fetchedAt: 0,
      freshUntil: 100,
      staleUntil: 1_000,
    });
    const bytesMax = noisy.bytes + 1_000;
    const memory = new Memory({ bytesMax, now: () => 0 });
    memory.set('noisy', noisy);
    expect(memory.get('noisy')).toBe(noisy);
    await memory.encoded('noisy', noisy, 'br');
    expect(noisy.bytes).toBeGreaterThan(bytesMax);
    // Over the bound with both encodings: the entry goes rather than the bound.
    expect(memory.get('noisy')).toBeUndefined();
  });
});
