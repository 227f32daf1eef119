import { afterEach, describe, expect, it } from '@jest/globals';
import { context, metrics, propagation, trace } from '@opentelemetry/api';
import { ConfigError } from '../config/config-error.ts';
import { Secret } from '../config/secret.ts';
import { runService, type ServiceOptions, type ServiceParts } from './run-service.ts';

const readConfig = () => ({ LOG_LEVEL: 'silent' as const, KEY: new Secret('cg-key-1234567') });
type Config = ReturnType<typeof readConfig>;

const run = async (more: Partial<ServiceOptions<Config>>) => {
  let stderr = '';
  const exits: number[] = [];
  const started: ServiceParts<Config>[] = [];
  await runService({
    service: 'spec',
    version: '1.2.3',
    portVariable: 'SPEC_PORT',
    readConfig,
    telemetryEnv: {},
    start: (parts) => Promise.resolve(void started.push(parts)),
    stderr: { write: (text) => (stderr += text) },
    exit: (code) => void exits.push(code),
    ...more,
  });
  return { stderr, exits, started };
};

describe('the beginning of a process', () => {
  afterEach(() => {
    for (const api of [trace, metrics, propagation, context]) api.disable();
  });

  it('hands the start what it needs, with telemetry at work before it', async () => {
    let traced = false;
    const { started, stderr, exits } = await run({
      start: async ({ config, version, logger, telemetry }) => {
        const span = trace.getTracer('spec').startSpan('made by the start');
        traced = trace.isSpanContextValid(span.spanContext());
        expect({ version, key: config.KEY.reveal() }).toEqual({
          version: '1.2.3',
          key: 'cg-key-1234567',
        });
        expect(logger.level).toBe('silent');
        await telemetry.shutdown();
      },
    });
    expect({ traced, stderr, exits, started }).toEqual({
      traced: true,
      stderr: '',
      exits: [],
      started: [],
    });
  });

  it('ends with 1 and every problem of the configuration, and starts nothing', async () => {
    const { started, stderr, exits } = await run({
      readConfig: () => {
        throw new ConfigError([
          { name: 'A', message: 'is missing' },
          { name: 'B', message: 'is not a port' },
        ]);
      },
    });
    expect(stderr).toBe('The configuration cannot be used:\n  A: is missing\n  B: is not a port\n');
    expect({ exits, started }).toEqual({ exits: [1], started: [] });
    expect(
      trace.isSpanContextValid(trace.getTracer('spec').startSpan('no telemetry').spanContext()),
    ).toBe(false);
  });

  it('ends with 1 and one sentence when the start fails, naming the port’s setting', async () => {
    const taken = Object.assign(new Error('listen'), { code: 'EADDRINUSE', port: 3000 });
    const { stderr, exits } = await run({ start: () => Promise.reject(taken) });
    expect(stderr).toMatch(/^Port 3000 is taken.*SPEC_PORT.*\n$/);
    expect(exits).toEqual([1]);
  });
});
