import type { Encoding } from '../representations/representation.ts';

const negotiated = new Map<string, Encoding>();
const negotiatedMax = 256;

const accepts = (acceptEncoding: string, name: string): boolean =>
  acceptEncoding.split(',').some((part) => {
    const [coding = '', ...params] = part.trim().toLowerCase().split(';');
    return coding.trim() === name && !params.some((param) => /^\s*q=0(\.0{0,3})?\s*$/.test(param));
  });

/**
 * The encoding for an `accept-encoding` header: brotli before gzip before none. There are few distinct headers in the world, so
 * the answer is remembered by header.
 */
export const negotiate = (acceptEncoding: string | undefined): Encoding => {
  if (acceptEncoding === undefined || acceptEncoding === '') return 'identity';
  const known = negotiated.get(acceptEncoding);
  if (known) return known;
  const encoding = accepts(acceptEncoding, 'br')
    ? 'br'
    : accepts(acceptEncoding, 'gzip')
      ? 'gzip'
      : 'identity';
  if (negotiated.size < negotiatedMax && acceptEncoding.length <= 256) {
    negotiated.set(acceptEncoding, encoding);
  }
  return encoding;
};
