import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, PrivateRedis, type PrivateRedisOptions } from '@glasshouse/private-redis';
import { Agent, request, type Dispatcher } from 'undici';
import { root, run, until, type Running } from './processes.ts';

export interface HouseOptions {
  readonly fetchers?: number;
  /** What Node is told before the fetchers' program. */
  readonly fetcherNodeArgs?: readonly string[];
  readonly redis?: PrivateRedisOptions;
  readonly health?: boolean;
  /** For every app of ours. */
  readonly env?: Readonly<Record<string, string>>;
  readonly sandboxEnv?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Dispatcher.ResponseData['headers'];
  readonly text: string;
  readonly json: any; // eslint-disable-line @typescript-eslint/no-explicit-any -- a test reads whatever came
}

/** Arrivals as the sandbox, that is the vendor, counted them. */
export interface Arrivals {
  readonly total: number;
  /** The fullest sliding window over the configured length. */
  readonly maxInWindow: number;
  readonly arrivals: readonly {
    readonly path: string;
    readonly monotonicMs: number;
    readonly status: number;
    readonly code: string;
  }[];
}

/** Long enough for a machine that does much else. */
const startsWithinMs = 60_000;

/** The whole house as separate processes on free ports of 127.0.0.1, with a Redis of its own. */
export class House {
  readonly vendorKey = `sandbox-${randomBytes(12).toString('hex')}`;
  readonly ports = { sandbox: 0, gateway: 0, health: 0 };
  redis!: PrivateRedis;
  sandbox!: Running;
  gateway!: Running;
  health: Running | undefined;
  readonly fetchers: Running[] = [];
  readonly moreGateways: Running[] = [];
  /** What this house knew last is no other's. */
  readonly #folder = mkdtempSync(join(tmpdir(), 'house-'));
  readonly #options: HouseOptions;
  readonly #agent = new Agent({ connections: 256 });

  constructor(options: HouseOptions = {}) {
    this.#options = options;
  }

  static async start(options: HouseOptions = {}): Promise<House> {
    const house = new House(options);
    try {
      await house.#start();
    } catch (thrown) {
      const outputs = house.#running().map((running) => running.output().slice(-2_000));
      await house.stop();
      throw new Error(`the house did not start\n${outputs.join('\n---\n')}`, { cause: thrown });
    }
    return house;
  }

  async get(
    path: string,
    headers: Readonly<Record<string, string>> = {},
    port = this.ports.gateway,
  ): Promise<Answer> {
    // Not through a URL object: a path must arrive as it is written.
    const response = await this.#agent.request({
      origin: `http://127.0.0.1:${port}`,
      method: 'GET',
      path,
      headers,
    });
    const text = await response.body.text();
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined;
    }
    return { status: response.statusCode, headers: response.headers, text, json };
  }

  async scenario(...rules: readonly Record<string, unknown>[]): Promise<void> {
    await this.#switch('PUT', '/__sandbox/scenarios', { rules });
  }

  async arrivals(): Promise<Arrivals> {
    const { json } = await this.get('/__sandbox/arrivals', {}, this.ports.sandbox);
    return { ...json.summary, arrivals: json.arrivals } as Arrivals;
  }

  async forgetArrivals(): Promise<void> {
    await this.#switch('DELETE', '/__sandbox/arrivals');
  }

  async settings(body: Record<string, unknown>): Promise<void> {
    await this.#switch('PUT', '/__sandbox/settings', body);
  }

  async startFetcher(env: Readonly<Record<string, string>> = {}): Promise<Running> {
    const { running } = await this.#app('fetcher', 'FETCHER_PORT', env);
    this.fetchers.push(running);
    return running;
  }

  /** A fetcher that need not live until it takes jobs, and its port; whoever starts it stops it. */
  spawnFetcher(): Promise<{ readonly running: Running; readonly port: number }> {
    return this.#spawn('fetcher', 'FETCHER_PORT', {});
  }

  /** A new gateway on a port of its own, in the place of the one before. */
  async restartGateway(): Promise<void> {
    const { running, port } = await this.#app('gateway', 'GATEWAY_PORT');
    this.gateway = running;
    this.ports.gateway = port;
  }

  /** One more, on the same Redis. */
  async startGateway(env: Readonly<Record<string, string>> = {}): Promise<number> {
    const { running, port } = await this.#app('gateway', 'GATEWAY_PORT', env);
    this.moreGateways.push(running);
    return port;
  }

  async stop(): Promise<void> {
    const stopAll = (running: readonly (Running | undefined)[]) =>
      Promise.all(running.map(async (each) => each?.stop()));
    await stopAll([...this.fetchers, ...this.moreGateways, this.gateway, this.health]);
    await stopAll([this.sandbox]);
    await this.redis?.stop();
    await this.#agent.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #running(): Running[] {
    return [
      ...[this.sandbox, this.gateway, this.health],
      ...this.moreGateways,
      ...this.fetchers,
    ].filter((running) => running !== undefined);
  }

  async #start(): Promise<void> {
    const { fetchers = 1, health = false, sandboxEnv = {} } = this.#options;
    this.redis = await PrivateRedis.started(this.#options.redis);
    this.ports.sandbox = await freePort();
    this.sandbox = run(process.execPath, [join(root, 'apps/sandbox/dist/main.js')], {
      PATH: process.env['PATH'],
      SANDBOX_PORT: String(this.ports.sandbox),
      SANDBOX_KEY: this.vendorKey,
      ...sandboxEnv,
    });
    await this.#ready(this.ports.sandbox, '/livez');
    await this.startFetcher();
    for (let more = 1; more < fetchers; more += 1) await this.startFetcher();
    await this.restartGateway();
    if (health) {
      const started = await this.#app('health', 'HEALTH_PORT');
      this.health = started.running;
      this.ports.health = started.port;
    }
  }

  /** What every app of ours is told; the key is not in it. */
  get env(): Record<string, string> {
    return {
      PATH: process.env['PATH'] ?? '',
      REDIS_URL: this.redis.url,
      COINGLASS_BASE_URL: `http://127.0.0.1:${this.ports.sandbox}`,
      COINGLASS_WS_URL: `ws://127.0.0.1:${this.ports.sandbox}/ws-api`,
      FLAGS_LAST_KNOWN_GOOD_FILE: join(this.#folder, 'flags.json'),
      ...this.#options.env,
    };
  }

  async #spawn(
    name: 'gateway' | 'fetcher' | 'health',
    portVariable: string,
    env: Readonly<Record<string, string>>,
  ): Promise<{ running: Running; port: number }> {
    const port = await freePort();
    const isFetcher = name === 'fetcher';
    const nodeArgs = (isFetcher && this.#options.fetcherNodeArgs) || [];
    const program = join(root, `apps/${name}/dist/main.js`);
    const running = run(process.execPath, [...nodeArgs, program], {
      ...this.env,
      ...(isFetcher && { COINGLASS_API_KEY: this.vendorKey, GLASSHOUSE_FRESH_REDIS: 'true' }),
      [portVariable]: String(port),
      ...env,
    });
    return { running, port };
  }

  async #app(
    name: 'gateway' | 'fetcher' | 'health',
    portVariable: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<{ running: Running; port: number }> {
    const { running, port } = await this.#spawn(name, portVariable, env);
    try {
      await this.#ready(port, '/readyz', running);
    } catch (thrown) {
      await running.stop('SIGKILL');
      throw new Error(`${name} is not ready:\n${running.output().slice(-4_000)}`, {
        cause: thrown,
      });
    }
    return { running, port };
  }

  #ready(port: number, path: string, running?: Running): Promise<void> {
    return until(
      `${path} on ${port} is 200`,
      async () => {
        if (running && running.child.exitCode !== null) throw new Error('it has ended');
        return this.get(path, {}, port).then(
          ({ status }) => status === 200,
          () => false,
        );
      },
      startsWithinMs,
    );
  }

  async #switch(
    method: 'PUT' | 'DELETE',
    path: string,
    body?: Record<string, unknown>,
  ): Promise<void> {
    const response = await request(`http://127.0.0.1:${this.ports.sandbox}${path}`, {
      method,
      ...(body && {
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
    });
    const text = await response.body.text();
    if (response.statusCode >= 300) throw new Error(`sandbox: ${method} ${path}: ${text}`);
  }
}
