import type { CallOutcome, MinuteLedger } from '@glasshouse/canary';
import { Failure } from '@glasshouse/coinglass-client';
import { askLaneName, queueNames, type JobResult, type Outcome } from '@glasshouse/fetch-queue';
import { trace } from '@opentelemetry/api';
import { DelayedError, UnrecoverableError, type Job } from 'bullmq';
import { traceparentOf, type Logger } from '@glasshouse/service-kit';
import { errorGroupOf } from '../arms/call-outcome.ts';
import type { CallArm, JobArms } from '../arms/job-arm.ts';
import type { FetchDesk } from '../fetch/fetch-desk.ts';
import type { TeamDirectory } from '../teams/team-directory.ts';
import type { StreamProbe } from '../stream/stream-probe.ts';
import type { Cancellations } from './cancellations.ts';
import type { InConsumerSpan, Tell } from './consumer-span.ts';
import { fateOf, isBug, JobStopped, type Fate } from './job-fate.ts';
import { createJobWork, type DoneJob, type ParsedJob, type RunTerms } from './job-work.ts';
import type { Quarantine } from './quarantine/quarantine.ts';
import { givenTraceparent, overrule } from './overrule.ts';
import { assertReadable } from './readable-job.ts';

/** What logs and spans call the places that jobs come from: the shared queue, and the readers' lane. */
const originNames = { ...queueNames, interactive: askLaneName } as const;

export type QueueKind = keyof typeof originNames;

/**
 * Tells who waits what became of a job. On the connection on which the job is then moved, and so before it: nobody has to wait for the
 * one before asking for the other.
 */
export type Announce = (outcome: Outcome) => Promise<void>;

export interface JobRunnerParts {
  readonly desk: Pick<FetchDesk, 'fetch'>;
  readonly probeStream: StreamProbe;
  /** Absent: no running job can be told to stop. */
  readonly cancellations?: Pick<Cancellations, 'watch'>;
  readonly teams: TeamDirectory;
  readonly armOf: JobArms;
  /** Is told how each logical call ended that counts. */
  readonly ledger: Pick<MinuteLedger, 'count'>;
  /** Where jobs run that have seen a worker die. */
  readonly quarantine: Pick<Quarantine, 'perform'>;
  /** By where the job came from; see `Announce`. */
  readonly announce: Readonly<Record<QueueKind, Announce>>;
  readonly inSpan: InConsumerSpan;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly now?: () => number;
}

/** What a run of a job needs to know of it, whatever its data says. */
interface Running {
  readonly job: Job;
  readonly token: string;
  readonly queue: QueueKind;
  readonly startBy: number;
  readonly once: boolean;
  readonly tell: Tell;
  readonly about: Record<string, unknown>;
  readonly logical: LogicalCall;
}

/** What the ledger has to know of the call that a job is; filled as it becomes known. */
interface LogicalCall {
  operation?: string;
  arm?: CallArm['arm'];
  counted?: CallArm['counted'];
  /** Requests of this run; absent as long as nothing was asked for, neither the store nor CoinGlass. */
  permits?: number;
}

/**
 * Runs jobs and ends each in exactly one way: answered, failed, to be tried again, or back in the queue. Parsing, work and fate are decided
 * elsewhere; here they are done, announced, traced and logged.
 */
export class JobRunner {
  readonly #parts: Required<JobRunnerParts>;
  readonly #work: ReturnType<typeof createJobWork>;
  readonly #running = new Map<string, AbortController>();
  #sendsBack = false;

  constructor(parts: JobRunnerParts) {
    this.#parts = { now: Date.now, cancellations: { watch: () => () => undefined }, ...parts };
    this.#work = createJobWork(this.#parts);
  }

  get running(): number {
    return this.#running.size;
  }

  /** Sends every running job back to its queue, and whatever may still come. */
  sendBackAll(): void {
    this.#sendsBack = true;
    for (const stop of this.#running.values()) stop.abort(new JobStopped('go-back'));
  }

  /** The job's lock was lost: no further permit for it here, and no word about it. */
  letGo(queue: QueueKind, jobId: string): void {
    this.#running.get(`${queue} ${jobId}`)?.abort(new JobStopped('not-ours'));
  }

  /** BullMQ's processor. Rejects with what makes BullMQ move the job as decided. */
  async run(job: Job, token: string, queue: QueueKind): Promise<JobResult> {
    overrule(job, queue);
    const jobId = job.id ?? '';
    const stop = new AbortController();
    if (this.#sendsBack) stop.abort(new JobStopped('go-back'));
    // Producers' ids may be the queue's own numbers, and each queue counts for itself.
    const runId = `${queue} ${jobId}`;
    this.#running.set(runId, stop);
    const unwatch = this.#watchCancellation(jobId, queue, stop);
    const queueWaitMs = Math.max(0, this.#parts.now() - job.timestamp) || 0;
    const about: Record<string, unknown> = { queue: originNames[queue], jobId, queueWaitMs };
    const consumed = {
      queue: originNames[queue],
      jobId,
      queueWaitMs,
      traceparent: givenTraceparent(job.data),
    };
    const startedAt = performance.now();
    try {
      return await this.#parts.inSpan(consumed, async (tellSpan) => {
        let startBy = 0;
        let once = false;
        const logical: LogicalCall = {};
        const ofCall: Record<string, string> = {};
        const tell: Tell = ({ attributes, ...more }) =>
          tellSpan({ attributes: { ...ofCall, ...attributes }, ...more });
        try {
          assertReadable(job);
          const parsed = this.#work.parse(job, queue);
          startBy = parsed.deadlines.startBy;
          once = parsed.lane === 'probe';
          Object.assign(about, parsed.about);
          stop.signal.throwIfAborted();
          const call = await this.#parts.armOf(job, parsed.work, queue);
          const { arm, callId, counted } = call;
          Object.assign(about, { arm, callId });
          Object.assign(ofCall, { 'coinglass.arm': arm, 'coinglass.call.id': callId });
          Object.assign(logical, { arm, counted, operation: operationOf(parsed) });
          const onSpent = (permits: number): void => void (logical.permits = permits);
          const done = await this.#perform(parsed, job, queue, {
            call,
            signal: stop.signal,
            // Who gave a job to the shared queue is told where its answer lies.
            handsOver: queue === 'interactive',
            onSpent,
          });
          this.#count(logical, 'ok');
          return this.#done(done, { about, tell, jobId, queue });
        } catch (thrown) {
          const running = { job, token, queue, startBy, once, tell, about, logical };
          return await this.#undone(thrown, running);
        } finally {
          about['durationMs'] = Math.round(performance.now() - startedAt);
          this.#log(about);
        }
      });
    } finally {
      unwatch();
      this.#running.delete(runId);
    }
  }

  /** Readers' jobs are nobody's to cancel: who asks is gone by then, and others may wait for the same answer. */
  #watchCancellation(jobId: string, queue: QueueKind, stop: AbortController): () => void {
    if (queue !== 'shared') return () => undefined;
    return this.#parts.cancellations.watch(jobId, () => stop.abort(cancelled()));
  }

  /** A job that was running when a worker died may be why it died: it runs where it takes nobody along. */
  #perform(
    parsed: ParsedJob,
    job: Job<unknown>,
    queue: QueueKind,
    terms: Required<RunTerms>,
  ): Promise<DoneJob> {
    const { startBy, runUntil } = parsed.deadlines;
    const inTime = this.#parts.now() < startBy;
    if (!(job.stalledCounter > 0 && inTime)) return this.#work.perform(parsed, terms);
    const { data, timestamp, id: jobId = '' } = job;
    const traceparent = traceparentOf();
    const { call, signal, onSpent } = terms;
    return this.#parts.quarantine.perform(
      { queue, jobId, data, timestamp, call, ...(traceparent && { traceparent }) },
      { runUntil, signal, onSpent },
    );
  }

  #done(
    { result, askedKey, answer, attributes }: DoneJob,
    { about, tell, jobId, queue }: Pick<Running, 'about' | 'tell' | 'queue'> & { jobId: string },
  ): JobResult {
    Object.assign(about, { outcome: 'answered', ...result });
    tell({ attributes: { ...attributes, 'coinglass.outcome': 'answered' } });
    const where = { ...(askedKey && { askedKey }), result, ...(answer && { answer }) };
    this.#announce(queue, { jobId, state: 'answered', ...where });
    return result;
  }

  async #undone(thrown: unknown, running: Running): Promise<never> {
    const { job, queue, startBy, once, about } = running;
    const now = this.#parts.now();
    const fate = fateOf(thrown, { queue, attemptsMade: job.attemptsMade, startBy, once, now });
    about['outcome'] = thrown instanceof JobStopped ? thrown.how : outcomeWords[fate.then];
    if (isBug(thrown)) about['err'] = thrown;
    switch (fate.then) {
      case 'postpone':
        return this.#postpone(fate, running, now);
      case 'let-go':
        throw new DelayedError();
      case 'retry':
      case 'fail':
        return this.#fail(fate, running);
    }
  }

  async #postpone(
    { waitMs, comesBackInMs = waitMs, because }: Extract<Fate, { then: 'postpone' }>,
    { job, token, queue, tell, about }: Running,
    now: number,
  ): Promise<never> {
    const resumesAt = now + waitMs;
    Object.assign(about, { waitMs, because });
    tell({ attributes: { 'coinglass.outcome': 'postponed' } });
    if (because) {
      this.#announce(queue, { jobId: job.id ?? '', state: 'postponed', resumesAt, because });
    }
    try {
      await job.moveToDelayed(now + comesBackInMs, token);
    } catch (cause) {
      // Its lock runs out and the job comes back by itself; failing it now would lose it.
      about['notMoved'] = String(cause);
    }
    throw new DelayedError();
  }

  #fail(
    { then, failure }: Extract<Fate, { then: 'fail' | 'retry' }>,
    { job, queue, tell, about, logical }: Running,
  ): never {
    const { kind, detail, upstream } = failure;
    Object.assign(about, { kind, detail, ...(upstream && { upstream }) });
    tell({ attributes: { 'coinglass.outcome': then }, errorType: kind });
    if (then === 'retry') throw new Error(failure.message);
    const group = errorGroupOf(failure);
    if (group) this.#count(logical, group);
    const jobId = job.id ?? '';
    this.#announce(queue, { jobId, state: 'failed', failure: failure.toRecord() });
    throw new UnrecoverableError(failure.message);
  }

  /** Once for each logical call, at its end. */
  #count({ operation, arm, counted, permits }: LogicalCall, outcome: CallOutcome): void {
    if (operation === undefined || arm === undefined || permits === undefined) return;
    if (counted === 'never') return;
    // A refusal from memory tries neither arm, and the canary heeds the baseline's memory: the refusal itself has been counted.
    if (permits === 0 && (counted !== 'always' || outcome !== 'ok')) return;
    const traceId = trace.getActiveSpan()?.spanContext().traceId;
    this.#parts.ledger.count({ operation, arm, outcome, traceId });
  }

  /** Who waits also polls and has a deadline, so a lost announcement is no reason to fail a job. */
  #announce(queue: QueueKind, outcome: Outcome): void {
    this.#parts.announce[queue](outcome).catch((thrown: unknown) => {
      const { jobId, state } = outcome;
      const line = { event: 'job.not-announced', jobId, state, err: thrown };
      this.#parts.logger.warn(line, 'not announced');
    });
  }

  #log(about: Record<string, unknown>): void {
    const { logger } = this.#parts;
    const line = { event: 'job.end', ...about };
    if (about['err'] !== undefined) logger.error(line, 'a bug ended a job');
    else if (about['kind'] !== undefined) logger.warn(line, 'a job was not answered');
    else logger.info(line, 'a job ended');
  }
}

/** The stream is nothing that the arms differ in. */
const operationOf = ({ work }: ParsedJob): string | undefined =>
  'probe' in work ? undefined : work.endpoint;

const cancelled = (): Failure =>
  new Failure('cancelled', 'The job was cancelled while it ran; it takes no further permits');

const outcomeWords: Readonly<Record<Fate['then'], string>> = {
  fail: 'failed',
  retry: 'to-be-retried',
  postpone: 'postponed',
  'let-go': 'not-ours',
};
