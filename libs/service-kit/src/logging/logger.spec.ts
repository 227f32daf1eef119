import { describe, expect, it } from '@jest/globals';
import { context, trace, TraceFlags } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { createLogger } from './logger.ts';
import { sampled } from './sampled.ts';

const key = 'cg"key\\1234567';

const capture = (secrets = [key], level: 'info' | 'debug' = 'info') => {
  const lines: string[] = [];
  const logger = createLogger({
    service: 'gateway',
    level,
    secrets,
    destination: { write: (line) => void lines.push(line) },
  });
  return {
    logger,
    lines,
    last: () => JSON.parse(lines.at(-1) ?? '') as Record<string, unknown>,
  };
};

describe('the logger', () => {
  it('writes one line of JSON with service, time and the level as a word', () => {
    const { logger, lines, last } = capture();
    logger.info({ event: 'x' }, 'hello');
    logger.debug('not at this level');
    expect(lines).toHaveLength(1);
    expect(last()).toMatchObject({ level: 'info', service: 'gateway', event: 'x', msg: 'hello' });
    expect(Date.parse(String(last()['time']))).not.toBeNaN();
  });

  it('masks a secret in message, error, cause, nested field, key, URL and buffer text', () => {
    const { logger, lines } = capture();
    logger.info(`the key is ${key}`);
    logger.error(new Error(`bad key ${key}`, { cause: new Error(`inner ${key}`) }));
    logger.error({ err: new Error(key) }, 'failed');
    logger.info({ a: { b: [{ c: key }] }, [key]: 1 }, 'nested');
    logger.info({ url: `wss://x/?cg-api-key=${encodeURIComponent(key)}` });
    logger.info({ auth: Buffer.from(`u:${key}`).toString('base64') });
    logger.child({ bound: key }).warn('child');
    expect(lines).toHaveLength(7);
    for (const line of lines) {
      expect(line).not.toContain('1234567');
      expect(line).not.toContain(JSON.stringify(key).slice(1, -1));
      expect(line).toContain('***');
      expect(line.endsWith('\n')).toBe(true);
      expect(JSON.parse(line)).toMatchObject({ service: 'gateway' });
    }
  });

  it('stays JSON when a secret of digits stands inside a number', () => {
    const { logger, last } = capture(['445566']);
    logger.info({ at: 1_445_566_000, list: [445566], text: '445566' });
    expect(last()).toMatchObject({ at: '***', list: ['***'], text: '***' });
  });

  it('keeps one line per event whatever a stranger sends', () => {
    const { logger, lines, last } = capture();
    const hostile = '\n{"level":"fatal"}\r\u001b[31m\u2028\u2029\u0085\u009b\u202e\u007f';
    logger.info({ coin: hostile }, hostile);
    expect(lines).toHaveLength(1);
    expect(lines[0]?.slice(0, -1)).toMatch(/^[^\p{Cc}\p{Zl}\p{Zp}\u202e]*$/u);
    expect(last()).toMatchObject({ coin: hostile, msg: hostile });
  });

  it('shows an error with its causes but not what an error drags along', () => {
    const { logger, last } = capture();
    const reply = Object.assign(new Error('ERR'), {
      code: 'ECONNRESET',
      command: { name: 'set', args: ['k', 'a whole answer'] },
    });
    logger.error({ err: new AggregateError([reply], 'all failed', { cause: reply }) }, 'x');
    const { err } = last();
    expect(err).toMatchObject({
      type: 'AggregateError',
      message: 'all failed',
      aggregated: [{ message: 'ERR', code: 'ECONNRESET' }],
      cause: { message: 'ERR' },
    });
    expect(JSON.stringify(err)).not.toContain('a whole answer');
  });

  it('carries the ids of the active trace, and none outside of one', () => {
    const { logger, last } = capture();
    const contexts = new AsyncLocalStorageContextManager().enable();
    context.setGlobalContextManager(contexts);
    const span = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: TraceFlags.NONE };
    context.with(trace.setSpanContext(context.active(), span), () => logger.info('inside'));
    expect(last()).toMatchObject({ trace_id: span.traceId, span_id: span.spanId });
    logger.info('outside');
    expect(last()).not.toHaveProperty('trace_id');
    context.disable();
  });
});

describe('a sampled logger', () => {
  it('lets at most so many lines through in any second and tells how many it left out', () => {
    const { logger, lines } = capture();
    let nowMs = 0;
    const storm = sampled(logger, 10, () => nowMs);
    for (let i = 0; i < 5_000; i += 1) {
      nowMs = i * 0.5; // 2,000 a second for 2.5 s
      storm.error({ event: 'redis.error' }, 'lost');
    }
    expect(lines.length).toBeLessThanOrEqual(30);
    expect(lines.length).toBeGreaterThanOrEqual(20);
    const leftOut = lines.map((line) => (JSON.parse(line) as { leftOut?: number }).leftOut ?? 0);
    expect(leftOut.reduce((sum, n) => sum + n) + lines.length).toBeGreaterThan(3_900);
  });

  it('may be rarer than once a second', () => {
    const { logger, lines } = capture();
    let nowMs = 0;
    const rarely = sampled(logger, 1 / 60, () => nowMs);
    for (; nowMs < 120_000; nowMs += 1_000) rarely.warn({}, 'down');
    expect(lines).toHaveLength(2);
  });
});
