import type { Mask } from './mask.ts';

/** A plain value (JSON, or bytes) with every text in it masked: keys, numbers of telling digits and bytes included. */
export const maskedValue = (value: unknown, mask: Mask): unknown => {
  if (typeof value === 'string') return mask(value);
  if (typeof value === 'number') {
    const digits = String(value);
    return mask(digits) === digits ? value : '***';
  }
  if (value instanceof Uint8Array) {
    const text = Buffer.from(value).toString();
    return mask(text) === text ? value : '***';
  }
  if (Array.isArray(value)) return value.map((item) => maskedValue(item, mask));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [mask(key), maskedValue(item, mask)]),
  );
};
