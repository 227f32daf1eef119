import { endpoints, Failure, type Endpoint } from '@glasshouse/coinglass-client';
import { freePort, PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { askedBy, ScriptedFetcher, type Scripted } from '../testing/scripted-fetcher.ts';
import { ScriptedGateway, type ScriptedAnswer } from '../testing/scripted-gateway.ts';
import { runVerifyCommand } from './command.ts';
import type { VerifyReport } from './verify-report.ts';

const run = async (argv: readonly string[], env: NodeJS.ProcessEnv = {}) => {
  const written = { stdout: '', stderr: '' };
  const output = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => (written[name] += text),
  });
  const code = await runVerifyCommand({
    argv,
    env,
    stdout: output('stdout'),
    stderr: output('stderr'),
    patience: { answerMs: 8_000, pickUpMs: 2_000 },
    paceMs: 1,
  });
  return { code, ...written };
};

const heatmap = 'futures/liquidation/heatmap/model1';
const meant =
  'futures/liquidation/heatmap/model1 needs the professional plan of CoinGlass; this house has standard. Use /advanced/liquidation/history/:coin instead';

const byUrl = (url: string): Endpoint | undefined =>
  endpoints.find(({ id, route }) => {
    const [path = ''] = url.split('?');
    return path === `/api/${id}` || path.startsWith(route.replace(':coin', ''));
  });

/** What a well gateway answers: the sample as CoinGlass sent it. */
const well = (endpoint: Endpoint | undefined, more: object = {}): ScriptedAnswer => ({
  status: 200,
  headers: { 'x-cache': 'hit', age: '7' },
  body: {
    code: '0',
    msg: 'success',
    data: endpoint?.sample.data,
    meta: { source: 'sandbox', ...more },
  },
});

const problem = (status: number, kind: string, detail: string, more: object = {}) => ({
  status,
  body: { status, kind, detail, ...more },
});

describe('the verification of a gateway', () => {
  let gateway: ScriptedGateway | undefined;
  afterEach(async () => {
    await gateway?.stop();
    gateway = undefined;
  });
  const gatewayThat = async (
    script: (endpoint: Endpoint | undefined) => ScriptedAnswer | undefined,
  ): Promise<string> => {
    gateway = await ScriptedGateway.started(({ url = '' }) => {
      const endpoint = byUrl(url);
      return (
        script(endpoint) ??
        (endpoint?.id === heatmap ? problem(403, 'plan-not-entitled', meant) : well(endpoint))
      );
    });
    return gateway.url;
  };

  it('asks every endpoint in both faces with its sample, and takes the refusal that is meant for passed', async () => {
    const url = await gatewayThat(() => undefined);
    const { code, stdout, stderr } = await run(['--url', `${url}/`]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(gateway?.asked).toHaveLength(2 * endpoints.length);
    const urls = gateway?.asked.map((each) => each.url) ?? [];
    expect(urls).toContain('/advanced/hyperliquid/positions/BTC?page=1');
    expect(urls).toContain(
      '/advanced/liquidation/aggregated/BTC?exchange_list=Binance,Bybit,OKX&interval=1d&limit=2',
    );
    expect(urls).toContain(
      '/api/futures/funding-rate/history?exchange=Binance&symbol=BTCUSDT&interval=1d&limit=1',
    );
    expect(stdout).toMatch(
      /PASS {2}drop-in {2}futures\/funding-rate\/history +200 +sandbox +hit 7 s +1 /,
    );
    expect(stdout).toMatch(new RegExp(`PASS {2}house +${heatmap} +403 .*needs the professional`));
    expect(stdout).toMatch(/SKIP {2}stream .*set REDIS_URL/);
    expect(stdout).toContain(`PASS  ${2 * endpoints.length} passed, 0 warned, 0 failed, 1 skipped`);
  });

  it.each<[string, ScriptedAnswer, object]>([
    [
      'a lost field',
      { ...well(undefined), body: { code: '0', data: [{}], meta: { source: 'sandbox' } } },
      { verdict: 'fail', kind: 'upstream-malformed', runbook: 'docs/runbooks/api-changed.md' },
    ],
    [
      'an answer of something else',
      { status: 200, body: '<html>welcome' },
      { verdict: 'fail', kind: 'internal', snippet: '<html>welcome' },
    ],
    [
      'a failure of CoinGlass',
      problem(503, 'upstream-throttled', 'CoinGlass throttles us'),
      { verdict: 'fail', status: 503, runbook: 'docs/runbooks/429.md' },
    ],
    [
      'a refusal by plan that CoinGlass itself had to give',
      problem(403, 'plan-not-entitled', meant, { upstream: { code: '401' } }),
      { verdict: 'fail', runbook: 'docs/runbooks/403-plan.md' },
    ],
    [
      'a switch of ours',
      problem(503, 'endpoint-disabled', 'switched off'),
      { verdict: 'warn', detail: 'switched off' },
    ],
    [
      'a gateway that is no gateway',
      { status: 404, body: 'not here' },
      { verdict: 'fail', detail: 'HTTP 404, no problem of this house' },
    ],
  ])('judges %s', async (_, answer, row) => {
    const url = await gatewayThat(() => answer);
    const only = ['--only', 'etf/bitcoin/list', '--face', 'house', '--json'];
    const { stdout, stderr } = await run(['--url', url, ...only]);
    const report = JSON.parse(stdout) as VerifyReport;
    expect(report.rows).toMatchObject([{ face: 'house', endpoint: 'etf/bitcoin/list', ...row }]);
    expect(stderr).toMatch(/^Verification /);
  });

  it.each<[string, object, string]>([
    ['no row', { empty: true }, 'answered without a single row'],
    ['a wider interval', { fallback: { from: '1h', to: '4h' } }, '1h refused, 4h served'],
    ['an old answer', { staleReason: 'upstream-unavailable' }, 'stale: upstream-unavailable'],
  ])('warns of %s', async (_, meta, words) => {
    const url = await gatewayThat((endpoint) => {
      const answer = well(endpoint, meta);
      return 'empty' in meta
        ? { ...answer, body: { ...(answer.body as object), data: [] } }
        : answer;
    });
    const { code, stdout } = await run(['--url', url, '--only', 'etf/bitcoin/list']);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`WARN {2}house .*${words}`));
  });

  it('does not warn of an answer that is being renewed', async () => {
    const url = await gatewayThat((endpoint) => well(endpoint, { staleReason: 'revalidating' }));
    expect((await run(['--url', url, '--only', 'etf/bitcoin/list'])).stdout).toContain('2 passed');
  });

  it('ends with 1 when something failed, and shows the request', async () => {
    const url = await gatewayThat(() => problem(502, 'upstream-rejected', 'CoinGlass did not'));
    const { code, stdout } = await run(['--url', url, '--only', 'etf/bitcoin/list']);
    expect(code).toBe(1);
    expect(stdout).toContain('GET /advanced/etf/list');
    expect(stdout).toContain(`upstream-rejected   trace ${'f'.repeat(32)}`);
    expect(stdout).toContain('next: docs/runbooks/api-changed.md');
  });

  it('stops at the first 401 and says what to do, with 2; a key is sent and never shown', async () => {
    const url = await gatewayThat(() =>
      problem(401, 'unauthenticated', 'A valid team key is needed'),
    );
    const none = await run(['--url', url]);
    expect(none).toMatchObject({ code: 2, stdout: '' });
    expect(none.stderr).toContain('set GLASSHOUSE_KEY; npm run keys -- create <team> makes one');
    const wrong = await run(['--url', url], { GLASSHOUSE_KEY: 'gh_a_secret' });
    expect(wrong.stderr).toContain('is not let in here');
    expect(wrong.stderr).not.toContain('gh_a_secret');
    expect(gateway?.asked.map(({ authorization }) => authorization)).toEqual([
      undefined,
      'Bearer gh_a_secret',
    ]);
  });

  it('says that nothing answers, with 3', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    expect(await run(['--url', url])).toEqual({
      ...{ code: 3, stdout: '' },
      stderr: `nothing answers at ${url}\n`,
    });
  });

  it('prints curl commands without a key and asks nothing', async () => {
    const url = await gatewayThat(() => undefined);
    const env = { GLASSHOUSE_KEY: 'gh_a_secret' };
    const { code, stdout } = await run(['--url', url, '--curl', '--face', 'drop-in'], env);
    expect(code).toBe(0);
    const commands = stdout.split('\n').filter((line) => line.startsWith('curl'));
    expect(commands).toHaveLength(endpoints.length);
    expect(commands).toContain(
      `curl -sS -H "CG-API-KEY: $GLASSHOUSE_KEY" '${url}/api/hyperliquid/position?symbol=BTC&current_page=1'`,
    );
    expect(stdout).toContain('npm run verify -- --only stream');
    expect(stdout).not.toContain('gh_a_secret');
    expect(gateway?.asked).toHaveLength(0);
  });

  it.each([
    [['--what'], "Unknown option '--what'"],
    [['--face', 'poker'], '--face must be house or drop-in'],
    [['--upstream', '--face', 'house'], '--upstream asks no face'],
    [['--upstream', '--curl'], 'would not be counted by the limit'],
    [['--curl', '--json'], 'leave one of them out'],
    [['--only', 'etf/bitcoin/lst'], 'did you mean etf/bitcoin/list?'],
    [['--url', 'gateway:3000'], '--url must begin with http'],
    [['--url', 'http://ada:secret@gateway:3000'], '--url is an address without user'],
    [['--url', 'http://gateway:3000/?key=secret', '--curl'], '--url is an address without user'],
    [[], 'no house runs from this folder'],
  ])('refuses %j, with 2', async (argv, words) => {
    const { code, stderr } = await run(argv);
    expect(code).toBe(2);
    expect(stderr).toContain(words);
  });
});

(redisIsHere ? describe : describe.skip)('the verification of the upstream', () => {
  let redis: PrivateRedis;
  let fetcher: ScriptedFetcher | undefined;
  beforeAll(async () => {
    redis = await PrivateRedis.started();
  });
  afterEach(async () => {
    await fetcher?.stop();
    fetcher = undefined;
  });
  afterAll(() => redis.stop());

  const fetcherThat = (script: (asked: string) => Scripted | undefined): void => {
    fetcher = new ScriptedFetcher(redis, (job) => {
      const asked = askedBy(job);
      return script(asked) ?? { permits: asked === 'stream' ? 0 : 1, source: 'sandbox' };
    });
  };
  const upstream = (...argv: string[]) => run(['--upstream', ...argv], { REDIS_URL: redis.url });

  it('asks every endpoint once, fresh, strictly and on the probe lane, then opens the stream', async () => {
    fetcherThat((asked) =>
      asked === heatmap ? new Failure('plan-not-entitled', meant) : undefined,
    );
    const { code, stdout } = await upstream();
    expect(code).toBe(0);
    expect(stdout).toContain(`PASS  ${endpoints.length + 1} passed, 0 warned, 0 failed`);
    expect(fetcher?.jobs.map(askedBy)).toEqual([...endpoints.map(({ id }) => id), 'stream']);
    for (const job of fetcher?.jobs ?? []) {
      if ('endpoint' in job) {
        expect(job).toMatchObject({ lane: 'probe', fresh: true, strict: true });
        expect(job.params).toEqual(endpoints.find(({ id }) => id === job.endpoint)?.sample.params);
      }
    }
  });

  it('fails for what CoinGlass refuses, and names the page', async () => {
    const gone = new Failure('upstream-rejected', 'CoinGlass did not', {
      upstream: { status: 404 },
    });
    fetcherThat((asked) => (asked === 'etf/bitcoin/list' ? gone : undefined));
    const { code, stdout } = await upstream('--only', 'etf/bitcoin/list,stream');
    expect(code).toBe(1);
    expect(stdout).toMatch(/FAIL {2}upstream {2}etf\/bitcoin\/list +404/);
    expect(stdout).toContain('next: docs/runbooks/404.md');
  });

  it('asks nothing more once no fetcher takes a job, with 3', async () => {
    const { code, stdout } = await upstream('--only', 'etf/bitcoin/list,hyperliquid/position');
    expect(code).toBe(3);
    expect(stdout).toMatch(/FAIL {2}upstream {2}etf\/bitcoin\/list .*no fetcher took the job/);
    expect(stdout).toMatch(/SKIP {2}upstream {2}hyperliquid\/position/);
  });

  it('says that Redis is away, with 3', async () => {
    const port = await freePort();
    const away = await run(['--upstream'], { REDIS_URL: `redis://u:hunter2@127.0.0.1:${port}` });
    expect(away).toMatchObject({ code: 3, stdout: '' });
    expect(away.stderr).toContain('cannot be reached: it is the way to the fetcher');
    expect(away.stderr).not.toContain('hunter2');
  });
});
