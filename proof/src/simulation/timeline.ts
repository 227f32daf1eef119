/** Simulated time, in ms, and all that is to happen in it. */
export interface Timeline {
  now(): number;
  /** Returns how to call it off. What returns a promise holds the time still until that is settled. */
  at(time: number, run: () => unknown): () => void;
  after(delayMs: number, run: () => unknown): () => void;
  /** How many things have happened. */
  steps(): number;
  /** One thing after the other until `ended` says so. */
  runUntil(ended: () => boolean): Promise<void>;
}

interface Entry {
  readonly time: number;
  readonly order: number;
  run: (() => unknown) | undefined;
}

/** An epoch time, so that it can be taken for one. */
const startMs = 1_750_000_000_000;

const isSooner = (one: Entry, other: Entry): boolean =>
  one.time < other.time || (one.time === other.time && one.order < other.order);

const up = (heap: Entry[], entry: Entry): void => {
  let place = heap.length;
  heap.push(entry);
  while (place > 0) {
    const parent = (place - 1) >> 1;
    if (!isSooner(entry, heap[parent]!)) break;
    heap[place] = heap[parent]!;
    place = parent;
  }
  heap[place] = entry;
};

const takeFirst = (heap: Entry[]): Entry | undefined => {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let place = 0;
  for (;;) {
    let child = 2 * place + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isSooner(heap[child + 1]!, heap[child]!)) child += 1;
    if (!isSooner(heap[child]!, last)) break;
    heap[place] = heap[child]!;
    place = child;
  }
  heap[place] = last;
  return first;
};

/** The tick comes when the microtasks have run out, without a turn of the event loop: this is what makes it quick. */
const microtasksRun = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

export const createTimeline = (): Timeline => {
  const heap: Entry[] = [];
  let now = startMs;
  let orders = 0;
  let steps = 0;

  const at = (time: number, run: () => unknown): (() => void) => {
    const entry: Entry = { time: Math.max(now, time), order: (orders += 1), run };
    up(heap, entry);
    return () => {
      entry.run = undefined;
    };
  };

  return {
    now: () => now,
    at,
    after: (delayMs, run) => at(now + Math.max(0, delayMs), run),
    steps: () => steps,
    async runUntil(ended) {
      await microtasksRun();
      while (!ended()) {
        const entry = takeFirst(heap);
        if (!entry) throw new Error('nothing is left to happen');
        if (!entry.run) continue;
        now = entry.time;
        steps += 1;
        const busy = entry.run();
        if (busy instanceof Promise) await busy;
        await microtasksRun();
      }
    },
  };
};
