/** Requests that wait for the bulk lane besides ours. */
export interface BulkLoad {
  /** Of each other team that has backfills under way. */
  readonly others: readonly { readonly requests: number; readonly weight: number }[];
  /** Of each other backfill of the same team. */
  readonly own: readonly number[];
  /** Jobs on the shared queue, whosever they are. */
  readonly jobs: number;
}

export interface BulkLane {
  /** The limit, and the window it is counted in. */
  readonly limit: number;
  readonly windowMs: number;
}

/** As the limiter has it: nine tenths of the limit, evenly paced, but for what an idle lane lets go at once. */
const bulkShare = 0.9;
const atOnceShare = 0.04;
/** Claiming, sending, reading and storing the last page. */
const lastPageMs = 500;

export const requestsPerMs = ({ limit, windowMs }: BulkLane): number =>
  (bulkShare * limit) / windowMs;

/**
 * Requests that go before our last one, ours included: teams share by weight, so of another team's we wait for at most as many as its
 * share beside ours; of our own team's other backfills for at most as many as ours, one by one.
 */
export const requestsUntilDone = (
  ours: number,
  weight: number,
  { others, own, jobs }: BulkLoad,
): number => {
  const team = own.reduce((sum, requests) => sum + Math.min(requests, ours), ours);
  const besides = [...others, { requests: jobs, weight: 1 }].reduce(
    (sum, other) => sum + Math.min(other.requests, (team * other.weight) / weight),
    0,
  );
  return Math.ceil(team + besides);
};

/** How long until `ours` requests have been answered, ms, if no reader needs the lane meanwhile. */
export const durationOf = (
  ours: number,
  weight: number,
  load: BulkLoad,
  lane: BulkLane,
): number => {
  const requests = requestsUntilDone(ours, weight, load);
  const idle = load.others.length === 0 && load.own.length === 0 && load.jobs === 0;
  const atOnce = idle ? Math.floor(lane.limit * atOnceShare) : 0;
  return Math.round(Math.max(0, requests - 1 - atOnce) / requestsPerMs(lane)) + lastPageMs;
};
