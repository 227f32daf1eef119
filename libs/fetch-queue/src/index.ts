export {
  keyPrefix,
  askLaneName,
  queueNames,
  answerKeyOf,
  askIdOf,
  redisKeys,
  type AnswerIdentity,
} from './keys.ts';
export {
  fetchJob,
  parseFetchJob,
  parseInteractiveJob,
  parseQueuedJob,
  isDrawnJobId,
  newJobId,
  jobBytesMax,
  type DrawnCall,
  type FetchJob,
  type QueuedFetchJob,
  type FetchJobInput,
  type InteractiveFetchJob,
  type InteractiveJob,
  type InteractiveJobInput,
  type StreamProbeJob,
  type JobResult,
  type VendorSigns,
} from './job.ts';
export { addJob } from './add-job.ts';
export { askedParams, type LookUp } from './asked-params.ts';
export { fetchJobSchema } from './job-schema.ts';
export { createProducer, type Added, type AddTerms, type Producer } from './producer/producer.ts';
export { openProducerRedis } from './producer/producer-redis.ts';
export { backlogMax, backlogPace, noRoomBehind, waitForRoomMs } from './producer/backlog.ts';
export { askKeptForMs, AskLane, fetcherGroup } from './asks/ask-lane.ts';
export { TakenAsks, type TakenAsk } from './asks/taken-asks.ts';
export { jobNames, openQueue, retention, slowRetry } from './queues.ts';
export {
  AnswerStore,
  answerStoreBytesMax,
  type Beginning,
  type Serves,
  type Putting,
} from './answers/answer-store.ts';
export { storeUnavailable } from './answers/store-unavailable.ts';
export {
  mayBeHanded,
  storedOf,
  type AnswerData,
  type AnswerFacts,
  type Face,
  type FoundAnswer,
  type HandedAnswer,
  type Pointer,
  type StoredAnswer,
} from './answers/answer.ts';
export { RedisRefusalMemory } from './answers/refusal-memory.ts';
export { readOutcome, type Outcome } from './outcomes/outcome.ts';
export { announce, endingOf } from './outcomes/announce.ts';
export { OutcomeWatch } from './outcomes/outcome-watch.ts';
export { FetchRequests, type AskResult } from './fetch-requests.ts';
export { Instruments, instrumentsEndpoint, type InstrumentsParts } from './instruments.ts';
export {
  backfillStates,
  isOver,
  type Backfill,
  type BackfillOrder,
  type BackfillPage,
  type BackfillState,
  type BackfillWait,
  type LostPage,
  type StoredPage,
} from './backfills/backfill.ts';
export { backfillIdForm, newBackfillId } from './backfills/backfill-keys.ts';
export {
  backfillBytesMax,
  backfillKeptMs,
  backfillsActiveMax,
  BackfillStore,
  upstreamName,
  type BackfillUpstream,
  type Creating,
} from './backfills/backfill-store.ts';
export { gapsOf, type Gap } from './backfills/gaps.ts';
export { PageLeases, type PageLease, type Postponement } from './backfills/page-leases.ts';
export {
  endStates,
  isEndState,
  type EndState,
  type JobEnd,
  type JobOrder,
  type JobRecord,
} from './owned-jobs/job-record.ts';
export {
  isBelow,
  JobRecords,
  type Begun,
  type IndexPlace,
  type JobEnding,
  type Submission,
} from './owned-jobs/job-records.ts';
