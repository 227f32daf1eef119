import type { Machine } from './machine.ts';

/** Refused requests, by what was known of the first refusal when they were sent. */
export interface RefusedBy {
  /** The vendor had not refused yet: nothing can call them back. The first refused one is among them. */
  underWay: number;
  /** The refusal was on its way to us, or within the process that read it first. */
  unread: number;
  /** Another process had read it; to theirs no word had come. */
  noWord: number;
  /** Their process knew, by its own refusal or by the store. */
  known: number;
}

/** Follows the word of a run's first refusal by the vendor's count, from him to each process. */
export interface FirstRefusal {
  /** A request leaves; call what is returned if it is refused. */
  sent(machine: Machine): () => void;
  heard(machine: Machine): void;
  /** The store was told to pause. */
  storeTold(): void;
  /** The store has answered a process that asked for permits. */
  storeAnswered(machine: Machine): void;
  readonly refusedBy: RefusedBy;
}

export const createFirstRefusal = (now: () => number, storeDelayMaxMs: number): FirstRefusal => {
  const refusedBy: RefusedBy = { underWay: 0, unread: 0, noWord: 0, known: 0 };
  const knownFrom = new Map<number, number>();
  let refusedAt = Infinity;
  let readAt = Infinity;
  let toldAt = Infinity;

  const learns = ({ id }: Machine, at: number): void =>
    void knownFrom.set(id, Math.min(at, knownFrom.get(id) ?? Infinity));

  const kindOf = ({ id }: Machine, sentAt: number): keyof RefusedBy => {
    if (sentAt < refusedAt) return 'underWay';
    if (sentAt > (knownFrom.get(id) ?? Infinity)) return 'known';
    return sentAt > readAt ? 'noWord' : 'unread';
  };

  return {
    refusedBy,
    sent(machine) {
      const sentAt = now();
      return () => {
        refusedBy[kindOf(machine, sentAt)] += 1;
        refusedAt = Math.min(refusedAt, now());
      };
    },
    heard(machine) {
      if (refusedAt === Infinity) return;
      readAt = Math.min(readAt, now());
      learns(machine, now());
    },
    storeTold() {
      if (readAt < Infinity) toldAt = Math.min(toldAt, now());
    },
    storeAnswered(machine) {
      // Its reply has arrived by then.
      if (toldAt < Infinity) learns(machine, now() + storeDelayMaxMs);
    },
  };
};
