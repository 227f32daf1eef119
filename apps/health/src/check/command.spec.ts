import { endpointIds, Failure } from '@glasshouse/coinglass-client';
import { FlagStore, readFlagsFile } from '@glasshouse/flags';
import { freePort, PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Collector } from '../testing/collector.ts';
import { askedBy, ScriptedFetcher, type Scripted } from '../testing/scripted-fetcher.ts';
import { readHealthConfig } from '../config.ts';
import { runCheckCommand, type CommandOptions } from './command.ts';
import type { MachineReport } from './machine-report.ts';

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const run = async (
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  { isTTY = false, ...more }: Partial<CommandOptions> & { isTTY?: boolean } = {},
): Promise<Ran> => {
  const written = { stdout: '', stderr: '' };
  const output = (name: 'stdout' | 'stderr') => ({
    isTTY,
    write: (text: string) => (written[name] += text),
  });
  const code = await runCheckCommand({
    argv,
    env,
    stdout: output('stdout'),
    stderr: output('stderr'),
    patience: { answerMs: 8_000, pickUpMs: 2_000 },
    ...more,
  });
  return { code, ...written };
};

describe('the command', () => {
  it('explains itself', async () => {
    const { code, stdout, stderr } = await run(['--help'], {});
    expect(code).toBe(0);
    expect(stdout).toContain('Usage: npm run check');
    expect(stderr).toBe('');
  });

  it('refuses what it does not know, with 2', async () => {
    const { code, stdout, stderr } = await run(['--jsno'], {});
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain("Unknown option '--jsno'");
    expect(stderr).toContain('Usage:');
    await expect(run(['pairs'], {})).resolves.toMatchObject({ code: 2 });
  });

  it('tells every problem of the configuration, with 2', async () => {
    const { code, stderr } = await run([], { REDIS_URL: 'http://x', COINGLASS_PLAN: 'gold' });
    expect(code).toBe(2);
    expect(stderr).toContain('REDIS_URL');
    expect(stderr).toContain('COINGLASS_PLAN');
  });

  it('says that Redis is away, with 3', async () => {
    const port = await freePort();
    const { code, stdout } = await run([], { REDIS_URL: `redis://u:hunter2@127.0.0.1:${port}` });
    expect(code).toBe(3);
    expect(stdout).toContain('Redis is away');
    expect(stdout).toContain(`redis://127.0.0.1:${port} cannot be reached`);
    expect(stdout).not.toContain('hunter2');
  });
});

(redisIsHere ? describe : describe.skip)('the command beside a fetcher', () => {
  let redis: PrivateRedis;
  let fetcher: ScriptedFetcher | undefined;

  beforeAll(async () => {
    redis = await PrivateRedis.started();
  });
  afterEach(async () => {
    await fetcher?.stop();
    fetcher = undefined;
    await redis.client().flushall();
  });
  afterAll(() => redis.stop());

  const series = /(funding-rate|open-interest|liquidation)\/history$/;
  const fetcherThat = (script: (asked: string) => Scripted | undefined): void => {
    fetcher = new ScriptedFetcher(redis, (job) => {
      const asked = askedBy(job);
      const usual = { permits: asked === 'stream' ? 0 : 1, source: 'sandbox' };
      return script(asked) ?? usual;
    });
  };
  const env = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
    REDIS_URL: redis.url,
    LOG_LEVEL: 'warn',
    ...more,
  });

  it('prints the table and ends with 0 when all is well', async () => {
    fetcherThat(() => undefined);
    const { code, stdout, stderr } = await run([], env({ LOG_LEVEL: 'info' }));
    expect(code).toBe(0);
    expect(stdout).toMatch(/^CoinGlass start check {2}v\d.* source: sandbox {3}5 requests/);
    expect(stdout).toContain('SANDBOX: the stand-in vendor invents these figures');
    expect(stdout).toContain('PASS  9 passed, 0 warned, 0 failed, 1 skipped\n');
    expect(stdout).not.toContain('\u001b');
    expect(stderr).toBe('');
  });

  it('warns of a refused 1h, still with 0', async () => {
    fetcherThat((asked) =>
      series.test(asked) ? { permits: 2, servedInterval: '4h', source: 'sandbox' } : undefined,
    );
    const { code, stdout } = await run([], env());
    expect(code).toBe(0);
    expect(stdout.match(/WARN {2}futures\/\S+ +1h -> 4h {2}200/g)).toHaveLength(3);
    expect(stdout).toContain('8 requests');
  });

  it('names the key when it is refused, with 1, and logs each failed row as one line', async () => {
    const refusal = new Failure('upstream-credentials', 'CoinGlass refuses our key', {
      upstream: {
        status: 200,
        code: '401',
        message: 'API key missing.',
        path: '/api/futures/supported-exchange-pairs',
        params: {},
        snippet: '{"code":"401","msg":"API key missing."}',
      },
    });
    fetcherThat(() => refusal);
    const { code, stdout, stderr } = await run([], env());
    expect(code).toBe(1);
    expect(stdout).toContain('CoinGlass refuses the key: check COINGLASS_API_KEY of the fetcher');
    const lines = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toHaveLength(6);
    expect(lines[0]).toMatchObject({
      level: 'error',
      row: 'futures/supported-exchange-pairs',
      status: 200,
      error_code: '401',
      path: '/api/futures/supported-exchange-pairs',
      params: {},
      body_snippet: '{"code":"401","msg":"API key missing."}',
      runbook: 'docs/runbooks/401.md',
      trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
  });

  it('says that no fetcher takes jobs, with 3, and leaves none behind', async () => {
    const { code, stdout } = await run([], env());
    expect(code).toBe(3);
    expect(stdout).toContain('no fetcher took the jobs: is one running?');
    expect(stdout).toContain('0 requests');
    // A fetcher that comes later finds nothing to do.
    fetcherThat(() => undefined);
    await expect(run([], env())).resolves.toMatchObject({ code: 0 });
    expect(fetcher?.jobs).toHaveLength(6);
  });

  it('prints with --json one document on stdout, health+json with the whole run, and the table on stderr', async () => {
    fetcherThat((asked) =>
      asked === 'stream' ? new Failure('upstream-unavailable', 'refused') : undefined,
    );
    const { code, stdout, stderr } = await run(['--json'], env());
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^CoinGlass start check[^]*FAIL {2}stream[^]*next: docs\/runbooks\/ws.md\n$/,
    );
    const report = JSON.parse(stdout) as MachineReport;
    expect(report).toMatchObject({
      status: 'fail',
      serviceId: 'glasshouse-health',
      checks: {
        'redis:responseTime': [{ componentType: 'datastore', status: 'pass', observedUnit: 'ms' }],
        'stream:responseTime': [
          { status: 'fail', output: 'refused', links: { runbook: 'docs/runbooks/ws.md' } },
        ],
      },
      startCheck: { verdict: 'fail', passed: 8, failed: 1, permits: 5, source: 'sandbox' },
    });
    expect(report.startCheck.rows).toHaveLength(10);
  });

  it('shows what was found before instead of asking, unless told to ask anew', async () => {
    fetcherThat(() => undefined);
    await run([], env());
    expect((await run([], env())).stdout).toContain('result of ');
    expect(fetcher?.jobs).toHaveLength(6);
    expect((await run(['--fresh'], env())).stdout).not.toContain('result of ');
    expect(fetcher?.jobs).toHaveLength(12);
  });

  it('asks the vendor once for five commands at once', async () => {
    fetcherThat(() => undefined);
    const ran = await Promise.all(Array.from({ length: 5 }, () => run([], env())));
    expect(fetcher?.jobs).toHaveLength(6);
    for (const { stdout } of ran) expect(stdout).toContain('PASS  9 passed');
  });

  it('asks only the rows that are named, and says which there are', async () => {
    fetcherThat(() => undefined);
    const { code, stdout } = await run(['--only', 'etf/bitcoin/flow-history,stream'], env());
    expect(code).toBe(0);
    expect(stdout).toContain('PASS  2 passed, 0 warned, 0 failed\n');
    expect(fetcher?.jobs.map(askedBy)).toEqual(['etf/bitcoin/flow-history', 'stream']);
    const wrong = await run(['--only', 'etf/bitcoin/flow-histroy'], env());
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('did you mean etf/bitcoin/flow-history?');
  });

  it('says where the flags are from, and fails for a document that cannot be used', async () => {
    const flags = async () => (await run(['--only', 'flags'], env())).stdout;
    expect(await flags()).toMatch(/PASS {2}flags .*nobody has changed a flag in Redis/);
    const store = new FlagStore({ redis: redis.client(), endpointIds });
    const document = readFlagsFile(readHealthConfig({}).FLAGS_FILE);
    const written = { actor: 'ada', reason: 'a test', change: 'none' };
    await store.write({ expectedVersion: 0, document, ...written });
    expect(await flags()).toMatch(/PASS {2}flags .*document 1 in Redis/);
    const [key = ''] = await redis.client().keys('{coinglass}:flags:doc*');
    await redis.client().hset(key, 'document', '{}');
    expect(await flags()).toMatch(/FAIL {2}flags[^]*next: docs\/runbooks\/flags.md/);
  });

  it('takes a warning for a failure with --strict', async () => {
    fetcherThat((asked) =>
      series.test(asked) ? { permits: 2, servedInterval: '4h', source: 'sandbox' } : undefined,
    );
    expect((await run([], env())).code).toBe(0);
    expect((await run(['--strict'], env())).code).toBe(1);
  });

  it('skips the stream, aloud, for a custom upstream without a WebSocket URL', async () => {
    fetcherThat(() => undefined);
    const { code, stdout } = await run([], env({ COINGLASS_BASE_URL: 'https://mirror.example' }));
    expect(code).toBe(0);
    expect(stdout).toMatch(/SKIP {2}stream +custom base URL without COINGLASS_WS_URL/);
    expect(fetcher?.jobs.map(askedBy)).not.toContain('stream');
  });

  it('shows progress and colour on a terminal, no colour with NO_COLOR, and no log lines there', async () => {
    fetcherThat((asked) => (asked === 'stream' ? new Failure('internal', 'x') : undefined));
    const colourful = await run([], env(), { isTTY: true });
    expect(colourful.stdout).toContain('\u001b[31mFAIL\u001b[0m');
    expect(colourful.stderr).toContain('asking futures/funding-rate/history');
    expect(colourful.stderr.endsWith('\r\u001b[K')).toBe(true);
    expect(colourful.stderr).not.toContain('"event"');
    const plain = await run([], env({ NO_COLOR: '1' }), { isTTY: true });
    expect(plain.stdout).toMatch(/\nresult of \d s ago; npm run check -- --fresh asks anew\n/);
    expect(plain.stdout).not.toContain('\u001b');
  });

  it('is one trace: a root, a child a row, and the jobs sent under their rows', async () => {
    const collector = await Collector.started();
    fetcherThat(() => undefined);
    await run([], env({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }));
    await collector.stop();

    const root = collector.spans.find(({ name }) => name === 'start check');
    const rows = collector.spans.filter(({ name }) => name.startsWith('check '));
    expect(root?.attributes['user_agent.synthetic.type']).toBe('test');
    expect(rows).toHaveLength(10);
    for (const row of rows) expect(row.parentSpanId).toBe(root?.spanId);
    expect(new Set(collector.spans.map(({ traceId }) => traceId)).size).toBe(1);
    const rowIds = rows.map(({ spanId }) => spanId);
    const sends = collector.spans.filter(({ name }) => name.startsWith('send '));
    expect(sends).toHaveLength(6);
    for (const { parentSpanId } of sends) expect(rowIds).toContain(parentSpanId);
    expect(fetcher?.jobs.map(({ traceparent }) => traceparent?.slice(3, 35))).toEqual(
      Array(6).fill(root?.traceId),
    );
  });
});
