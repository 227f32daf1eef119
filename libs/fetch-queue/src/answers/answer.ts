import type { Fallback } from '@glasshouse/coinglass-client';

/** Which rendition of the data: the vendor's own bytes, or the house's (numbers as numbers, times in ms). */
export type Face = 'vendor' | 'house';

/** Everything that is true of a stored answer, whoever asks for it. */
export interface AnswerFacts {
  /** Compared on reading, so that no answer is ever served under another's key. */
  readonly key: string;
  readonly endpoint: string;
  /** As served: canonical, native, with the served interval. */
  readonly params: Readonly<Record<string, string>>;
  /** `coinglass`, `custom` or `sandbox`: there is no other way to make an answer. */
  readonly source: 'coinglass' | 'custom' | 'sandbox';
  /** There when the canary fetched it; absent: the baseline did. */
  readonly arm?: 'canary';
  /** Epoch ms, as the next three. */
  readonly fetchedAt: number;
  readonly freshUntil: number;
  readonly staleUntil: number;
  /** Rows from here on were not final when fetched. */
  readonly openFrom?: number;
  /** From the first row's time to the end of the last; `clipped`: the plan's depth cut the asked range. */
  readonly coverage?: { readonly from: number; readonly to: number; readonly clipped: boolean };
  readonly rows?: number;
  /** Requests it took, refused intervals and retries included. */
  readonly permits: number;
}

export interface StoredAnswer {
  readonly facts: AnswerFacts;
  /** JSON text of `data` in the face asked for. */
  readonly data: Buffer;
}

/** The data of an answer as it is stored: JSON text in either face. */
export interface AnswerData {
  readonly vendor: string;
  readonly house: string;
}

/**
 * An answer that is handed over with the word that it is there, so that who waits need not look for it. Only a small one is, since every
 * gateway hears the word.
 */
export interface HandedAnswer extends AnswerData {
  readonly facts: AnswerFacts;
}

/** In characters, both faces together. */
const handedLengthMax = 32 * 1024;

export const mayBeHanded = ({ vendor, house }: AnswerData): boolean =>
  vendor.length + house.length <= handedLengthMax;

/** As if it had been read from the store. */
export const storedOf = ({ facts, ...data }: HandedAnswer, face: Face): StoredAnswer => ({
  facts,
  data: Buffer.from(data[face]),
});

/** Left under the asked key while a refusal is remembered: where the answer with the served interval lies. */
export interface Pointer {
  readonly servedKey: string;
  readonly fallback: Fallback;
  /** There when it was the canary that was refused. */
  readonly arm?: 'canary';
  /** Epoch ms: how long the refusal is remembered, and the pointer with it. */
  readonly until: number;
}

/** An answer found under an asked key, with the pointer that led there, if one did. */
export interface FoundAnswer {
  readonly answer?: StoredAnswer;
  readonly pointer?: Pointer;
}
