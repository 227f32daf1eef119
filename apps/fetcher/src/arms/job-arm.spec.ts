import { describe, expect, it } from '@jest/globals';
import { createJobArms } from './job-arm.ts';

/** A flag that gives each call id its arm, or one to all, and jobs as BullMQ hands them over. */
const world = (arms: Record<string, 'baseline' | 'canary'> | 'baseline' | 'canary') => {
  const state = { arms };
  const armOf = createJobArms({
    string: (_key, context) => {
      const { arms: now } = state;
      if (typeof now === 'string') return Promise.resolve({ value: now, reason: 'STATIC' });
      const value = now[String(context?.targetingKey)] ?? 'baseline';
      return Promise.resolve({ value, reason: 'TARGETING_MATCH', ruled: true as const });
    },
  });
  const written: object[] = [];
  const take = (
    id: string,
    more: { name?: string; data?: object; attemptsStarted?: number } = {},
  ) => {
    const {
      name = 'fetch',
      data = { v: 1, endpoint: 'etf/bitcoin/list' },
      attemptsStarted = 1,
    } = more;
    const updateData = (next: object) => {
      written.push(next);
      return Promise.resolve();
    };
    const work = { v: 1, strict: false, endpoint: 'etf/bitcoin/list', ...data } as const;
    const job = { id, name, data, attemptsStarted, updateData };
    return { job, work };
  };
  const shared = (...taken: Parameters<typeof take>) => {
    const { job, work } = take(...taken);
    return armOf(job, work, 'shared');
  };
  return { state, armOf, take, shared, written };
};

const trial = { callId: 'j1', arm: 'canary', onTrial: true, counted: 'always' } as const;
const settled = { onTrial: false, counted: 'when-sent' } as const;
/** Not drawn: counted, it would make the baseline another mixture of calls than the canary. */
const forEverybody = { arm: 'baseline', onTrial: false, counted: 'never' } as const;

describe('the arm of a job from the shared queue', () => {
  it('is drawn by the job’s id while a test is under way, and written into the job', async () => {
    const { shared, written } = world({ j1: 'canary' });
    expect(await shared('j1')).toEqual(trial);
    expect(await shared('j2')).toEqual({
      ...{ callId: 'j2', arm: 'baseline', onTrial: false, counted: 'always' },
    });
    expect(written).toEqual([
      { v: 1, endpoint: 'etf/bitcoin/list', arm: 'canary' },
      { v: 1, endpoint: 'etf/bitcoin/list', arm: 'baseline' },
    ]);
  });

  it('stays with the job when it comes back, whatever the shares are by then', async () => {
    const { state, shared, written } = world({ j1: 'canary' });
    await shared('j1');
    state.arms = { j1: 'baseline' };
    expect(await shared('j1', { data: written[0]!, attemptsStarted: 2 })).toEqual(trial);
    expect(written).toHaveLength(1);
  });

  it('is not for producers to choose', async () => {
    const { shared, written } = world({ j1: 'canary' });
    expect(await shared('j1', { data: { arm: 'baseline' } })).toEqual(trial);
    expect(await shared('j2', { data: { arm: 'canary' } })).toMatchObject({ arm: 'baseline' });
    expect(written).toEqual([{ arm: 'canary' }, { arm: 'baseline' }]);
  });

  it('is the settled one once the test is over, also for who comes back from before', async () => {
    const { state, shared, written } = world('canary');
    expect(await shared('j1')).toEqual({ callId: 'j1', arm: 'canary', ...settled });
    state.arms = 'baseline';
    const before = { data: { arm: 'canary' }, attemptsStarted: 3 };
    expect(await shared('j1', before)).toEqual({ callId: 'j1', arm: 'baseline', ...settled });
    expect(written).toEqual([]);
  });

  it('is not drawn for what the house refreshes for everybody', async () => {
    const { state, shared, written } = world({ j1: 'canary' });
    expect(await shared('j1', { name: 'refresh' })).toMatchObject(forEverybody);
    state.arms = 'canary';
    expect(await shared('j1', { name: 'refresh' })).toMatchObject({
      arm: 'canary',
      ...settled,
    });
    expect(written).toEqual([]);
  });
});

describe('the arm of a reader’s call', () => {
  it('is the one that the gateway has drawn, with the call’s own id', async () => {
    const { armOf, take } = world({});
    const { job, work } = take('j1');
    const ask = { ...work, lane: 'interactive', fresh: false } as const;
    const call = { id: 'c9', arm: 'canary', settled: false } as const;
    expect(await armOf(job, { ...ask, call }, 'interactive')).toEqual({ ...trial, callId: 'c9' });
    expect(await armOf(job, { ...ask, call: { ...call, settled: true } }, 'interactive')).toEqual({
      ...trial,
      callId: 'c9',
      ...settled,
    });
  });

  it('is baseline for what is no reader’s, such as the start check, while a test is under way', async () => {
    const { armOf, take } = world({ j1: 'canary' });
    const { job, work } = take('j1');
    const ask = { ...work, lane: 'probe', fresh: true } as const;
    expect(await armOf(job, ask, 'interactive')).toMatchObject(forEverybody);
    const stream = { v: 1, probe: 'stream' } as const;
    expect(await armOf(job, stream, 'interactive')).toMatchObject({ arm: 'baseline' });
  });
});
