import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** A key as its owner holds it. Only its digest is ever stored. */
export interface TeamKeyText {
  /** Eight characters, the first one a capital: so it is never taken for a team's id. Not secret. */
  readonly id: string;
  /** `gh_<id>_<secret><checksum>`, 61 characters. */
  readonly text: string;
}

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const base = BigInt(alphabet.length);
const secretLength = 43;
const checksumLength = 6;
const form = /^gh_([A-Z][0-9A-Za-z]{7})_([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/;

/** Where the id stands in a key's text, for readers that check the digest anyway. */
export const keyIdAt = { from: 3, to: 11 } as const;
export const keyTextLength = 61;

const base62 = (value: bigint, length: number): string => {
  let text = '';
  for (let rest = value; text.length < length; rest /= base)
    text = alphabet.charAt(Number(rest % base)) + text;
  return text;
};

const numberOf = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex')}`);

/** Over id and secret, so that a slip of the pen is seen without a look at any store. */
const checksumOf = (id: string, secret: string): string =>
  base62(BigInt(crc32(`${id}_${secret}`)), checksumLength);

/** Draws a key: 256 random bits. The checksum lets a scanner for leaked secrets be sure of what it found. */
export const drawKey = (random: (bytes: number) => Buffer = randomBytes): TeamKeyText => {
  const capital = alphabet.charAt(10 + ((random(1)[0] ?? 0) % 26));
  const id = capital + base62(numberOf(random(8)), 7);
  const secret = base62(numberOf(random(32)), secretLength);
  return { id, text: `gh_${id}_${secret}${checksumOf(id, secret)}` };
};

/** Undefined for what no house of ours has ever made: wrong form, or a checksum that does not fit. */
export const parseKey = (text: string): TeamKeyText | undefined => {
  const [, id, secret, checksum] = form.exec(text) ?? [];
  if (id === undefined || secret === undefined) return undefined;
  return checksumOf(id, secret) === checksum ? { id, text } : undefined;
};

/**
 * SHA-256, base64url. A secret of 256 random bits needs no slow hash: there is nothing to guess from. As text, because Node makes that in a
 * third of the time that a buffer takes, and every hit pays it.
 */
export const digestOf = (text: string): string => hash('sha256', text, 'base64url');

/** Compared in the same time wherever they differ. */
export const sameDigest = (one: string, other: string): boolean =>
  timingSafeEqual(Buffer.from(one, 'latin1'), Buffer.from(other, 'latin1'));
