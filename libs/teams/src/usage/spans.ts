/** What is counted of a team's requests, and the requests to CoinGlass on its account. */
export const metrics = ['requests', 'hits', 'misses', 'failures', 'permits'] as const;
export type Metric = (typeof metrics)[number];
export type Counts = Readonly<Record<Metric, number>>;

/** How far back one can ask, and how finely: the figures of a span are those of its last whole buckets and the running one. */
export const spans = {
  minute: { lengthMs: 60_000, bucketMs: 5_000 },
  hour: { lengthMs: 3_600_000, bucketMs: 60_000 },
  day: { lengthMs: 86_400_000, bucketMs: 900_000 },
} as const;
export type SpanName = keyof typeof spans;
export const spanNames = Object.keys(spans) as SpanName[];

/** The number of the bucket a moment (epoch ms) falls into. */
export const bucketAt = (span: SpanName, at: number): number =>
  Math.floor(at / spans[span].bucketMs);
