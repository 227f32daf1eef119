import { describe, expect, it } from '@jest/globals';
import { silent } from '../testing/silent.ts';
import { restOnErrors } from './worker-rest.ts';

const refusal = Object.assign(new Error('READONLY'), { name: 'ReplyError' });

const setUp = () => {
  const timers: { delayMs: number; run: () => void }[] = [];
  const said: string[] = [];
  let onError: (error: Error) => void = () => undefined;
  const rest = restOnErrors(
    {
      on: (_event, listener) => (onError = listener),
      pause: (doNotWaitActive) => Promise.resolve(void said.push(`pause ${doNotWaitActive}`)),
      resume: () => Promise.resolve(void said.push('resume')),
    },
    {
      queue: 'q',
      logger: silent,
      random: () => 1,
      after: (delayMs, run) => void timers.push({ delayMs, run }),
    },
  );
  return { timers, said, rest, fail: (error: Error) => onError(error) };
};

describe('a worker to which Redis says no', () => {
  it('rests once for any number of errors, then works again', () => {
    const { timers, said, fail } = setUp();
    for (let time = 0; time < 1_000; time += 1) fail(refusal);
    expect(said).toEqual(['pause true']);
    timers.shift()?.run();
    expect(said).toEqual(['pause true', 'resume']);
  });

  it('rests longer each time, up to 4 s, and shortly again after a calm while', () => {
    const { timers, fail } = setUp();
    const rests = Array.from({ length: 4 }, () => {
      fail(refusal);
      const { delayMs, run } = timers.pop()!;
      run();
      return delayMs;
    });
    expect(rests).toEqual([1_000, 2_000, 4_000, 4_000]);
    timers.splice(0).forEach(({ run }) => run());
    fail(refusal);
    expect(timers.pop()?.delayMs).toBe(1_000);
  });

  it('does not rest for a connection that is away, which BullMQ waits for by itself', () => {
    const { said, fail } = setUp();
    fail(new Error('connect ECONNREFUSED'));
    expect(said).toEqual([]);
  });

  it('does not begin again once the process stops', () => {
    const { timers, said, rest, fail } = setUp();
    fail(refusal);
    rest.stop();
    timers.shift()?.run();
    fail(refusal);
    expect(said).toEqual(['pause true']);
  });
});
