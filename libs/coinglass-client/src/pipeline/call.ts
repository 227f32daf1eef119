import type { Endpoint } from '../catalogue/endpoint.ts';
import type { Settlement, TeamShare, Turn } from './permits.ts';

/** One intended request to the vendor; it may take several attempts, each of which pays a permit. */
export interface Call {
  readonly endpoint: Endpoint;
  /** Native parameters, canonical: sorted, defaults filled, every value a string. */
  readonly params: Readonly<Record<string, string>>;
  readonly lane: string;
  /** The canary's arm, carried into permits, spans and logs. */
  readonly arm: string;
  /** Names the logical call that this is for, in span and log. */
  readonly callId?: string;
  /** On whose account it is. */
  readonly team: TeamShare;
  /** Given where the call may be postponed and come back. */
  readonly turn?: Turn;
  /** At most so many sendings, if that is fewer than the pipeline's own bound. */
  readonly sendsMax?: number;
  /** Epoch ms after which nothing may be sent any more. */
  readonly deadlineAt: number;
  /** Aborted when the process stops or nobody wants the answer any more. */
  readonly signal: AbortSignal;
}

/** A call that is to be sent now, for the first time or again; it holds no permit yet. */
export interface Sending extends Call {
  /** From 1. */
  readonly attempt: number;
}

/** One sending of a call, as the steps below the permit see it. */
export interface Attempt extends Sending {
  /** How long the permit took, for span and log. */
  readonly permitWaitMs: number;
  /** Epoch ms of the permit. */
  readonly permittedAt: number;
  /**
   * The wire asks right before the first byte. Connecting takes time and a process can stand still meanwhile: once the
   * permit is too old or the deadline has passed, it must not send.
   */
  readonly mayBegin: () => boolean;
  /**
   * The wire tells what it knows of the request's arrival; untold means unknown, and only the first word counts.
   * Whether an answered attempt succeeded is not the wire's to say: the permit step writes it over.
   */
  readonly witness: (settlement: Settlement) => void;
}

/** An attempt that somebody above wants to see the answer of, whatever is made of it: the span and the log. */
export interface ObservedAttempt extends Attempt {
  readonly observe: (answer: RawAnswer) => void;
}

/** Bytes as the vendor sent them (decompressed), before anybody judged them. */
export interface RawAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly wireBytes: number;
  /** `API-KEY-USE-LIMIT` and `API-KEY-MAX-LIMIT`, when sent. */
  readonly quota: { readonly used?: number; readonly limit?: number };
  readonly retryAfterMs?: number;
  /** The vendor's clock minus ours, in ms, exact to half a second; absent when it did not tell. */
  readonly clockAheadMs?: number;
  /** The upstream said it is our sandbox (header `x-glasshouse-sandbox: 1`). */
  readonly sandbox: boolean;
}

/** A successful, validated answer. */
export interface Page {
  /** The raw bytes of the envelope's `data`, as sent. */
  readonly vendorData: string;
  /** The house rendition of `data` as JSON text (the same string when there is nothing to change). */
  readonly houseData: string;
  /**
   * What the endpoint's schema made of `data`; for reading facts, never for serialising again. A number that came
   * as a string may stand here as a `JSON.rawJSON` object, so that its digits survive.
   */
  readonly data: unknown;
  readonly sandbox: boolean;
  readonly attempts: number;
}

/** The innermost part: sends one request and hands back what came. `baseUrl` is for span and log. */
export interface Wire {
  readonly baseUrl: URL;
  readonly send: Send<Attempt, RawAnswer>;
}

export type Send<In, Out> = (input: In) => Promise<Out>;
