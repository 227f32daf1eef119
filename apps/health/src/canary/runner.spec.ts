import { describe, expect, it } from '@jest/globals';
import type { Lease } from '@glasshouse/canary';
import { CanaryRunner } from './runner.ts';

const leaseOf = (token: number): Lease => ({
  ...{ token, text: `${token} one` },
  isValid: () => true,
});

/** What a run of passes leads to; the last one is followed by the stop. */
const told = async (passes: readonly (Lease | Error | undefined)[]) => {
  const lines: string[] = [];
  const resigned: number[] = [];
  const left = [...passes];
  let followed = 0;
  let runner: CanaryRunner | undefined;
  const stopped = new Promise<void>((resolve) => {
    const line = (fields: object) => lines.push((fields as { event: string }).event);
    runner = new CanaryRunner({
      controller: {
        pass: () => {
          const next = left.shift();
          if (left.length === 0) void runner?.stop().then(resolve);
          return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
        },
      },
      leadership: {
        resign: ({ token }) => {
          resigned.push(token);
          return Promise.resolve();
        },
      },
      log: { info: line, warn: line } as never,
      onFollow: () => (followed += 1),
      everyMs: 0,
    });
    runner.start();
  });
  await stopped;
  return { lines, resigned, followed };
};

describe('the runner of the controller', () => {
  it('tells a trouble once however long it lasts, and its end', async () => {
    const away = new Error('Connection is closed.');
    const { lines } = await told([leaseOf(1), away, new Error('ETIMEDOUT'), away, leaseOf(1)]);
    expect(lines).toEqual(['canary.leads', 'canary.waits', 'canary.goes-on']);
  });

  it('tells who leads when that changes, and gives its lead back at the end', async () => {
    const { lines, resigned, followed } = await told([
      undefined,
      leaseOf(1),
      undefined,
      leaseOf(3),
    ]);
    expect(lines).toEqual(['canary.leads', 'canary.follows', 'canary.leads']);
    expect([resigned, followed]).toEqual([[3], 1]);
  });
});
