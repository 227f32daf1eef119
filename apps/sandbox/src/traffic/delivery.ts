import type { Envelope } from '../vendor/envelope.ts';

/** How the bytes leave. */
export type Manner =
  | { readonly kind: 'whole' }
  /** Half the promised bytes, then a reset of the connection. */
  | { readonly kind: 'reset' }
  /** Nothing at all, until the other side gives up. */
  | { readonly kind: 'silence' }
  | { readonly kind: 'dribble'; readonly everyMs: number; readonly chunkBytes: number }
  /** A well-formed envelope blown up with blanks to `bytes`; gzipped it is tiny on the wire. */
  | { readonly kind: 'filler'; readonly bytes: number; readonly gzip: boolean };

/** An answer ready for the wire. */
export interface Delivery {
  /** Null when no status line will ever be sent. */
  readonly status: number | null;
  /** The body's own code, for the arrival log. */
  readonly code: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly manner: Manner;
}

export const jsonDelivery = (
  status: number,
  envelope: Envelope,
  headers: Readonly<Record<string, string>> = {},
): Delivery => ({
  status,
  code: envelope.code,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(envelope),
  manner: { kind: 'whole' },
});
