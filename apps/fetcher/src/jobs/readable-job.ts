import { Failure } from '@glasshouse/coinglass-client';
import { jobBytesMax } from '@glasshouse/fetch-queue';
import type { Job, JobJson } from 'bullmq';

/** Blank space and escapes count in the text and not in the data, so the text may be longer; more is not even parsed. */
const textBytesMax = 4 * jobBytesMax;

/** More than any honest crash of the house sets on a bystander: such a job takes the fetcher itself along each time. */
export const stallsMax = 10;

const flaws = new WeakMap<object, string>();

/**
 * What a producer stored, made safe for BullMQ to hold: data that is too long or is no JSON is replaced, and a scheduler is cut
 * off, each with a flaw that is remembered for `assertReadable`.
 */
export const readableJson = (json: JobJson): { readonly json: JobJson; readonly flaw?: string } => {
  const { repeatJobKey: named, deferredFailure = '', opts: given, ...rest } = json;
  const { repeatJobKey = named, ...opts } = given;
  // Whether a job stalled too often is decided with the other ends of a job, not by BullMQ.
  const kept = deferredFailure.startsWith('job stalled') ? {} : { deferredFailure };
  const readable = { ...rest, opts, ...(deferredFailure !== '' && kept) };
  const bytes = Buffer.byteLength(json.data);
  if (bytes > textBytesMax) {
    const flaw = `The job's data has ${bytes} bytes; at most ${jobBytesMax} are taken`;
    return { json: { ...readable, data: '{}' }, flaw };
  }
  if (!isJson(json.data)) {
    return { json: { ...readable, data: '{}' }, flaw: "The job's data is not JSON" };
  }
  return repeatJobKey === undefined
    ? { json: readable }
    : { json: readable, flaw: 'repeat: job schedulers are not run; add each job by itself' };
};

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

export const rememberFlaw = (job: Job<unknown, unknown>, flaw: string): void =>
  void flaws.set(job, flaw);

/** @throws Failure `invalid-job` for a job that could only be read in part, `poison-job` for one that stalled too often */
export const assertReadable = (job: Job): void => {
  const flaw = flaws.get(job);
  if (flaw !== undefined) throw new Failure('invalid-job', flaw);
  if (job.stalledCounter > stallsMax) {
    throw new Failure('poison-job', `The job has stopped its worker ${job.stalledCounter} times`);
  }
};
