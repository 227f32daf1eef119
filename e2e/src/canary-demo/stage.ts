import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@glasshouse/private-redis';
import { request } from 'undici';
import { House, type Answer } from '../house.ts';
import { root, run, until, type Running } from '../processes.ts';
import { startLoad, type Load } from './load.ts';
import type { DemoScenario } from './scenario.ts';

/** A minute of the canary, scaled: ledger, verdict and flags go by it, the vendor's window, too. */
export const minuteMs = 1_500;
/** The traffic of so many minutes decides about the first share. */
const rateMinutes = 5;
const limit = 600;
const readsPerMinute = 75;

/** The house's own plan, with fewer minutes and calls. */
const plan = {
  mode: 'two-arm',
  stages: [
    { name: 'smoke', share: 10, dwellMinutes: 3, callsMin: 15 },
    { name: 'half', share: 50, dwellMinutes: 4, callsMin: 100, worseMax: 0.05 },
    { name: 'soak', share: 70, dwellMinutes: 4, callsMin: 150, worseMax: 0.05 },
  ],
  armedMinutes: 3,
  inconclusiveAfterMinutes: 90,
  holdMaxMinutes: 60,
  alpha: 0.01,
  mayDisable: [],
};

/** A whole house with the canary of a scenario in its fetcher, readers, and where wanted a vendor that only the canary asks. */
export class Stage {
  house!: House;
  load!: Load;
  readonly #scenario: DemoScenario;
  #folder = '';
  #otherPort = 0;
  #other: Running | undefined;

  private constructor(scenario: DemoScenario) {
    this.#scenario = scenario;
  }

  static async start(scenario: DemoScenario): Promise<Stage> {
    const stage = new Stage(scenario);
    try {
      await stage.#start();
    } catch (thrown) {
      await stage.stop();
      throw thrown;
    }
    return stage;
  }

  async post(path: string, body: unknown): Promise<Answer> {
    const response = await request(`http://127.0.0.1:${this.house.ports.gateway}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await response.body.text();
    return {
      status: response.statusCode,
      headers: response.headers,
      text,
      json: JSON.parse(text) as unknown,
    };
  }

  /** The run begins when the ledger knows how much traffic there is. */
  async begin(): Promise<void> {
    await this.#scenario.prepare?.(this);
    const { readsPerMinute: reads = readsPerMinute } = this.#scenario;
    this.load = await startLoad(this.house, minuteMs / reads);
    await new Promise((resolve) => setTimeout(resolve, rateMinutes * minuteMs));
    const { status, text } = await this.post('/v1/canary/start', {
      reason: this.#scenario.what,
      plan,
    });
    if (status >= 300) throw new Error(`the run was not begun: ${status} ${text}`);
  }

  /** Rules for the vendor that the canary asks, see the sandbox's page. */
  async otherVendor(...rules: readonly Record<string, unknown>[]): Promise<void> {
    const response = await request(`http://127.0.0.1:${this.#otherPort}/__sandbox/scenarios`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ rules }),
    });
    const text = await response.body.text();
    if (response.statusCode >= 300) throw new Error(`sandbox: ${text}`);
  }

  async stop(): Promise<void> {
    await this.load?.stop();
    await this.house?.stop();
    await this.#other?.stop();
    if (this.#folder !== '') await rm(this.#folder, { recursive: true });
  }

  async #start(): Promise<void> {
    const { canary, leaks = false, redisKeeps = false } = this.#scenario;
    this.#folder = await mkdtemp(join(tmpdir(), 'canary-demo-'));
    this.#otherPort = await freePort();
    const file = join(this.#folder, 'canary.json');
    const other = `http://127.0.0.1:${this.#otherPort}`;
    await writeFile(file, JSON.stringify(canary?.(other) ?? {}));
    const vendor = { SANDBOX_LIMIT: String(limit), SANDBOX_WINDOW_MS: String(minuteMs) };
    this.house = await House.start({
      health: true,
      redis: { appendOnly: redisKeeps },
      ...(leaks && {
        fetcherNodeArgs: ['--import', join(root, 'e2e/src/canary-demo/plant-leak.mjs')],
      }),
      env: {
        CANARY_MINUTE_MS: String(minuteMs),
        COINGLASS_RPM: String(limit),
        COINGLASS_WINDOW_MS: String(minuteMs),
        COINGLASS_CANARY_FILE: file,
        FLAGS_LAST_KNOWN_GOOD_FILE: join(this.#folder, 'flags.json'),
        LOG_LEVEL: 'warn',
      },
      sandboxEnv: vendor,
    });
    await this.#startOther(vendor);
  }

  async #startOther(vendor: Readonly<Record<string, string>>): Promise<void> {
    const key = this.#scenario.otherKey ? 'sandbox-another' : this.house.vendorKey;
    this.#other = run(process.execPath, [join(root, 'apps/sandbox/dist/main.js')], {
      PATH: process.env['PATH'],
      SANDBOX_PORT: String(this.#otherPort),
      SANDBOX_KEY: key,
      ...vendor,
    });
    await until('the second sandbox listens', () =>
      this.house.get('/livez', {}, this.#otherPort).then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
  }
}
