/** Everything known about CoinGlass v4: what may be asked, what is meant, what comes back, how it fails. */
export {
  asFailure,
  Failure,
  failures,
  isFailure,
  type FailureDetails,
  type FailureKind,
  type FailureRecord,
  type FailureRule,
  type FieldError,
  type UpstreamFacts,
} from './failures.ts';

export {
  catalogue,
  endpointIds,
  endpoints,
  findEndpoint,
  houseRoutes,
  isEndpointId,
  type EndpointId,
} from './catalogue/catalogue.ts';
export {
  defineEndpoint,
  type Endpoint,
  type FreshnessRule,
  type PlanRule,
  type SymbolKind,
} from './catalogue/endpoint.ts';
export { acceptedIntervals } from './catalogue/accepted-intervals.ts';
export {
  callerTextLengthMax,
  callerTextRule,
  isCallerText,
  shown,
  shownName,
} from './catalogue/caller-text.ts';
export { houseNameOf, nativeNameOf } from './catalogue/house-names.ts';
export { nearest, sameName } from './catalogue/near-miss.ts';
export {
  canonicalParams,
  invalidRequest,
  parameterNames,
  setAsideUnknown,
  type Given,
  type Params,
} from './catalogue/params.ts';
export { alignRange, checkOrder, checkRange, withInterval, type Range } from './catalogue/range.ts';
export { freshness, type Freshness } from './catalogue/freshness.ts';
export { clippedStart, rowFacts, type Coverage, type RowFacts } from './catalogue/row-facts.ts';
export {
  entitlement,
  floorInterval,
  historyDepthMs,
  neededPlan,
  planAllows,
  plans,
  type Plan,
} from './catalogue/plans.ts';
export { units, unitsOf, type Unit } from './catalogue/units.ts';

export {
  dayMs,
  hourMs,
  intervalMs,
  minuteMs,
  openingAtOrAfter,
  runningCandleCloses,
} from './intervals/boundaries.ts';
export { climb, type Climb, type Climbed } from './intervals/climb.ts';
export { joinFallbacks, type Fallback } from './intervals/fallback.ts';
export { coarser, intervals, isFiner, isInterval, type Interval } from './intervals/ladder.ts';
export { planInterval } from './intervals/plan-interval.ts';

export type { Instrument } from './symbols/instrument.ts';
export {
  buildInstrumentTable,
  type InstrumentTable,
  type PairsByExchange,
} from './symbols/instrument-table.ts';
export { resolveCoin } from './symbols/resolve-coin.ts';
export { resolveExchange, resolveExchanges } from './symbols/resolve-exchange.ts';
export { resolveInstrument, type Asked } from './symbols/resolve-instrument.ts';
export { needsVendorSpelling, vendorSpelling } from './symbols/vendor-spelling.ts';

export {
  pageAt,
  pageParams,
  pageRowsMax,
  pagesMax,
  planPages,
  type Clipped,
  type HistoryAsk,
  type PagePlan,
  type Span,
} from './histories/page-plan.ts';
export { readPageRows, type PageRows, type PageToRead } from './histories/page-rows.ts';
export { findSeries, isSeries, seriesNames } from './histories/series.ts';

export { createPipeline, pipelineDefaults, type PipelineParts } from './pipeline/pipeline.ts';
export { createHttpWire, type HttpWire, type HttpWireOptions } from './pipeline/wire.ts';
export type { Attempt, Call, Page, RawAnswer, Send, Wire } from './pipeline/call.ts';
export type { AttemptRecord } from './pipeline/attempt-record.ts';
export {
  isPermitWait,
  Postponed,
  type Permit,
  type PermitBook,
  type PermitRequest,
  type PermitSource,
  type PermitWait,
  type Settlement,
  type TeamShare,
  type Turn,
} from './pipeline/permits.ts';
export { noPermitInTime } from './no-permit-in-time.ts';
export { abandonable, abortableSleep, type Sleep } from './pipeline/abortable.ts';
export { maskValues, type Mask } from './pipeline/mask.ts';
export { classify, type Refusal } from './classify.ts';
export {
  refusalKeysFor,
  refusalOf,
  type RefusalMemory,
  type RememberedRefusal,
} from './refusals.ts';
export { probeStream, type StreamProbeOptions, type StreamProbeResult } from './stream/probe.ts';
