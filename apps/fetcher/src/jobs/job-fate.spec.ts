import { Failure, failures, Postponed, type FailureKind } from '@glasshouse/coinglass-client';
import { describe, expect, it } from '@jest/globals';
import { fateOf, isBug, JobStopped, type JobTerms } from './job-fate.ts';

const now = 1_800_000_000_000;
const terms: JobTerms = { queue: 'shared', attemptsMade: 0, startBy: now + 60_000, now };
const kinds = Object.keys(failures) as FailureKind[];

describe('the fate of a job', () => {
  it('is what the failures’ table says of every kind', () => {
    const fates = Object.fromEntries(
      kinds.map((kind) => [kind, fateOf(new Failure(kind, ''), terms).then]),
    );
    const ends = kinds.filter((kind) => fates[kind] === 'fail');
    expect(fates).toMatchObject({
      'upstream-unavailable': 'retry',
      'upstream-throttled': 'postpone',
      // Of the run, not of the job: it comes back while its own time is not over.
      'store-unavailable': 'postpone',
      'queue-full': 'postpone',
      'team-quota': 'postpone',
      'deadline-passed': 'postpone',
    });
    expect(ends.length).toBe(kinds.length - 6);
    for (const kind of ends) expect(failures[kind].job).toBe('discard');
  });

  it('is the end once the job’s own time is over', () => {
    for (const kind of kinds) {
      expect(fateOf(new Failure(kind, ''), { ...terms, startBy: now }).then).toBe('fail');
    }
  });

  it('is the end for a probe whatever it met, but not for want of its first permit', () => {
    for (const kind of kinds) {
      expect(fateOf(new Failure(kind, ''), { ...terms, once: true }).then).not.toBe('postpone');
    }
    const noPermit = new Postponed(5_000, 'limit');
    expect(fateOf(noPermit, { ...terms, once: true }).then).toBe('postpone');
  });

  it('knows no slow retry for a reader, who is gone by then, nor after the last attempt', () => {
    const down = new Failure('upstream-unavailable', 'down');
    expect(fateOf(down, { ...terms, queue: 'interactive' })).toEqual({
      then: 'fail',
      failure: down,
    });
    expect(fateOf(down, { ...terms, attemptsMade: 3 }).then).toBe('retry');
    expect(fateOf(down, { ...terms, attemptsMade: 4 }).then).toBe('fail');
  });

  it('is to come back when a permit may be had, if that is in time', () => {
    expect(fateOf(new Postponed(5_000, 'limit'), terms)).toEqual({
      then: 'postpone',
      waitMs: 5_000,
      comesBackInMs: 2_000,
      because: 'limit',
    });
    expect(fateOf(new Postponed(5_000, 'pause'), terms)).toMatchObject({ comesBackInMs: 5_000 });
    expect(fateOf(new Postponed(60_000, 'limit'), terms)).toMatchObject({
      then: 'fail',
      failure: { kind: 'queue-full', retryAfterMs: 60_000 },
    });
    expect(fateOf(new Postponed(60_000, 'pause'), terms)).toMatchObject({
      then: 'fail',
      failure: { kind: 'upstream-throttled', retryAfterMs: 60_000 },
    });
    const throttled = new Failure('upstream-throttled', '', { retryAfterMs: 7_000 });
    expect(fateOf(throttled, terms)).toMatchObject({
      then: 'postpone',
      waitMs: 7_000,
      because: 'pause',
    });
  });

  it('is to go back at once when the process stops, and nothing at all when the job is another’s', () => {
    expect(fateOf(new JobStopped('go-back'), terms)).toEqual({ then: 'postpone', waitMs: 0 });
    expect(fateOf(new JobStopped('not-ours'), terms)).toEqual({ then: 'let-go' });
  });

  it('is the end for a bug, which is not repeated, and whose words do not leave', () => {
    for (const bug of [new TypeError('secret detail'), 'thrown text', undefined]) {
      expect(fateOf(bug, terms)).toMatchObject({ then: 'fail', failure: { kind: 'internal' } });
      expect(JSON.stringify(fateOf(bug, terms))).not.toContain('secret detail');
      expect(isBug(bug)).toBe(true);
    }
    expect(isBug(new Failure('upstream-rejected', ''))).toBe(false);
    expect(isBug(new Postponed(1, 'limit'))).toBe(false);
  });
});
