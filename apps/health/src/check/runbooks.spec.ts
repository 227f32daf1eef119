import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { failures } from '@glasshouse/coinglass-client';
import { describe, expect, it } from '@jest/globals';
import type { Finding, RowSubject } from './result.ts';
import { runbookOf, runbooks } from './runbooks.ts';

const root = join(import.meta.dirname, '../../../..');

const named = (finding: Finding, subject: RowSubject = 'request'): string | undefined =>
  runbookOf(finding, subject)?.slice('docs/runbooks/'.length, -'.md'.length);

const failed = (kind: string, more: Partial<Finding> = {}): Finding => ({
  verdict: 'fail',
  kind,
  ...more,
});

describe('runbooks', () => {
  it('are all there, and none is there that no row names', () => {
    const pages = readdirSync(join(root, 'docs/runbooks')).map((page) => page.slice(0, -3));
    expect(pages.sort()).toEqual([...runbooks].sort());
  });

  it('are named for every kind of failure, whatever was asked', () => {
    const kinds = [...Object.keys(failures), 'not-taken', 'redis-unfit', 'a kind of tomorrow'];
    const subjects = ['redis', 'flags', 'request', 'stream', 'key', 'clock'] as const;
    const names = subjects.flatMap((subject) =>
      kinds.map((kind) => runbookOf(failed(kind), subject)),
    );
    for (const name of names) expect(existsSync(join(root, name ?? 'none'))).toBe(true);
  });

  it.each<[string, Finding, RowSubject]>([
    ['401', failed('upstream-credentials'), 'request'],
    ['401', failed('upstream-credentials'), 'stream'],
    ['401', failed('upstream-credentials'), 'key'],
    ['403-plan', failed('plan-not-entitled', { status: 200, code: '401' }), 'request'],
    ['404', failed('upstream-rejected', { status: 404 }), 'request'],
    ['404', failed('upstream-rejected', { status: 200, code: '404' }), 'request'],
    ['422-interval', failed('interval-not-available'), 'request'],
    ['422-interval', { verdict: 'warn', fallback: { from: '1h', to: '4h' } }, 'request'],
    ['429', failed('upstream-throttled'), 'request'],
    ['429', { verdict: 'warn', kind: 'queue-full' }, 'request'],
    ['vendor-down', failed('upstream-unavailable'), 'request'],
    ['vendor-down', failed('deadline-passed'), 'request'],
    ['ws', failed('upstream-unavailable'), 'stream'],
    ['ws', { verdict: 'warn', detail: 'slow' }, 'stream'],
    ['redis-down', failed('store-unavailable'), 'redis'],
    ['redis-down', failed('store-unavailable'), 'request'],
    ['fetcher', failed('not-taken'), 'request'],
    ['fetcher', failed('internal'), 'request'],
    ['api-changed', failed('upstream-malformed'), 'request'],
    ['clock', { verdict: 'warn', kind: 'clock' }, 'clock'],
    ['flags', failed('flags-unreadable'), 'flags'],
  ])('%s', (page, finding, subject) => {
    expect(named(finding, subject)).toBe(page);
  });

  it('are not named where there is nothing to do', () => {
    expect(named({ verdict: 'pass', fallback: { from: '1h', to: '4h' } })).toBeUndefined();
    expect(named({ verdict: 'skipped' }, 'stream')).toBeUndefined();
  });

  it('each say what is seen, what it means, what to look at, how to mend it, when to call for help and what to switch off', () => {
    for (const name of runbooks) {
      const text = readFileSync(join(root, 'docs/runbooks', `${name}.md`), 'utf8');
      const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
      expect({ name, headings }).toEqual({
        name,
        headings: ['Seen', 'Means', 'Look', 'Mend', 'Escalate', 'Switch off'],
      });
    }
  });
});
