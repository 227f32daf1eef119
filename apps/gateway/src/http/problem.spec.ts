import { describe, expect, it } from '@jest/globals';
import { Failure, failures, type FailureKind } from '@glasshouse/coinglass-client';
import { problemOf } from './problem.ts';

const context = { instance: '/advanced/x', traceId: 'f'.repeat(32) };

describe('a problem', () => {
  it.each(Object.keys(failures) as FailureKind[])('tells %s with its own status', (kind) => {
    const problem = problemOf(new Failure(kind, 'why'), context);
    expect(problem).toMatchObject({
      type: `/problems/${kind}`,
      kind,
      status: failures[kind].status,
      code: String(failures[kind].status),
      msg: 'why',
      detail: 'why',
      instance: '/advanced/x',
      retryable: failures[kind].retryable,
    });
  });

  it("keeps the vendor's own words inside the house", () => {
    const failure = new Failure('upstream-rejected', 'rejected', {
      upstream: {
        status: 200,
        code: '400',
        message: 'secret words',
        snippet: '<html>',
        path: '/api/x',
      },
    });
    const problem = problemOf(failure, context);
    expect(problem.upstream).toEqual({ status: 200, code: '400' });
    expect(JSON.stringify(problem)).not.toContain('secret words');
    expect(JSON.stringify(problem)).not.toContain('html');
  });
});
