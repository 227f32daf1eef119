/** What happened, as one hash: two runs that print the same did the same. */
export interface Trace {
  add(kind: TraceKind, who: number, time: number): void;
  hash(): string;
}

/** Their order is part of the hash. */
const kinds = ['sent', 'arrived', 'heard', 'granted', 'crash', 'freeze', 'loss', 'outage'] as const;
export type TraceKind = (typeof kinds)[number];

export const createTrace = (): Trace => {
  const time64 = new Float64Array(1);
  const time32 = new Uint32Array(time64.buffer);
  let high = 0x811c9dc5;
  let low = 0x01000193;
  const mix = (value: number): void => {
    high = Math.imul(high ^ value, 0x01000193) ^ (low >>> 15);
    low = Math.imul(low ^ high, 0x85ebca6b) ^ (high >>> 13);
  };
  return {
    add(kind, who, time) {
      time64[0] = time;
      mix(kinds.indexOf(kind) * 65_536 + who);
      mix(time32[0]!);
      mix(time32[1]!);
    },
    hash: () => [high, low].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join(''),
  };
};
