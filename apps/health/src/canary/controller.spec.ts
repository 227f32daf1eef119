import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Leadership, RunStore, runKeys, settledValue, type Tick } from '@glasshouse/canary';
import { endpointIds } from '@glasshouse/coinglass-client';
import { FlagStore, readFlagsFile, withVariant, type FlagDocument } from '@glasshouse/flags';
import { PrivateRedis, redisIsHere } from '@glasshouse/private-redis';
import { redisReady } from '@glasshouse/service-kit';
import type { FlagPort } from './flag-port.ts';
import { redisFlags } from './redis-flags.ts';
import { begin, CanaryStage, counts, flagsFile, minute, plan } from './testing/canary-stage.ts';

const died = new Error('the process died here');
const by = { by: 'alice', reason: 'because' };

(redisIsHere ? describe : describe.skip)('the controller of the canary', () => {
  let server: PrivateRedis;
  let stage: CanaryStage;

  beforeAll(async () => {
    server = await PrivateRedis.started();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    stage = await new CanaryStage(server).ready();
  });

  const flag = async (key: string): Promise<unknown> => {
    const { document } = await stage.flags.read();
    return settledValue(document, key) ?? 'split';
  };
  const ticks = async <Kind extends Tick['kind']>(
    kind: Kind,
  ): Promise<Extract<Tick, { kind: Kind }>[]> =>
    (await stage.desk.ticks(1_000)).filter(
      (tick): tick is Extract<Tick, { kind: Kind }> => tick.kind === kind,
    );

  it('leads a healthy canary through its stages to the promotion and to the end of the watch', async () => {
    const controller = stage.controller('one');
    await stage.start();
    await controller.pass();
    expect([(await stage.run()).status, await flag('coinglass.arm')]).toEqual(['running', 'split']);
    await stage.minutes(controller, 3);
    expect(await stage.run()).toMatchObject({ stage: 1, share: 50, status: 'running' });
    await stage.minutes(controller, 2);
    expect(await stage.run()).toMatchObject({ share: 100, status: 'promoted' });
    expect(await flag('coinglass.arm')).toBe('canary');
    await stage.minutes(controller, 2);
    const run = await stage.run();
    expect(run.status).toBe('finished');
    expect(run.events.map(({ what }) => what)).toEqual(['start', 'stage', 'promoted', 'finished']);
    expect(run.events.map(({ flagVersion }) => flagVersion)).toEqual([1, 2, 3, 3]);
  });

  it('judges a period once it is complete, once, and keeps what it judged it by', async () => {
    const controller = stage.controller('one');
    await stage.start();
    await controller.pass();
    stage.now += minute + 4_999;
    await controller.pass();
    expect(await ticks('tick')).toEqual([]);
    stage.now += 1;
    await controller.pass();
    await controller.pass();
    const judged = await ticks('tick');
    expect(judged).toMatchObject([
      {
        ...{ kept: true, acted: true, token: 1, stage: 0, share: 10, flagVersion: 1 },
        decision: { kind: 'continue' },
        counts: counts(),
        evidence: { calls: { baseline: 50, canary: 50 } },
      },
    ]);
  });

  it('rolls a canary that is refused back to the baseline, once, and freezes until a person clears it', async () => {
    const controller = stage.controller('one');
    await stage.start();
    stage.ledger = () => counts({ auth: 40 });
    await controller.pass();
    await stage.minutes(controller, 4);
    const run = await stage.run();
    expect(run).toMatchObject({ status: 'rolled-back', share: 0, because: 'hard-stop' });
    expect([await flag('coinglass.arm'), (await stage.flags.read()).version]).toEqual([
      'baseline',
      2,
    ]);
    expect((await stage.flags.read()).actor).toBe('canary');
    expect(await ticks('tick')).toHaveLength(1);
    await expect(stage.start()).rejects.toThrow(/frozen/);
    await stage.desk.order('clear', by);
    expect((await stage.start()).id).not.toBe(run.id);
  });

  it.each(['before the flags are written', 'after the flags are written'])(
    'that dies %s leaves a rollback that the next one completes, and nobody doubles',
    async (moment) => {
      await stage.start();
      await stage.controller('one').pass();
      stage.ledger = () => counts({ auth: 40 });
      stage.now += 2 * minute;
      const dies = moment.startsWith('before')
        ? { flags: { read: () => stage.flags.read(), change: () => Promise.reject(died) } }
        : { store: new DyingStore(stage) };
      await expect(stage.controller('one', dies).pass()).rejects.toThrow(died);
      expect(await stage.run()).toMatchObject({ status: 'rolled-back', pending: { share: 0 } });
      expect((await stage.flags.read()).version).toBe(moment.startsWith('before') ? 1 : 2);
      await expect(stage.desk.order('clear', by)).rejects.toThrow(/still to be written/);

      await stage.redis.del(runKeys.leader);
      await stage.controller('two').pass();
      const run = await stage.run();
      expect([run.status, run.pending, run.flagVersion]).toEqual(['rolled-back', undefined, 2]);
      expect([await flag('coinglass.arm'), (await stage.flags.read()).version]).toEqual([
        'baseline',
        2,
      ]);
    },
  );

  it('that stood still past its lease writes neither flags nor record over whoever led since', async () => {
    await stage.start();
    let monotonic = 0;
    const { redis } = stage;
    const store = new SleepyStore(stage, async () => {
      // Its lease runs out between reading and writing; another one leads, writes, and a person goes back.
      monotonic += 60_000;
      await redis.del(runKeys.leader);
      const other = stage.controller('two');
      await other.pass();
      await stage.desk.order('rollback', by);
      await other.pass();
    });
    const sleepy = redisFlags({ redis, file: flagsFile, store });
    const sleeper = stage.controller('one', {
      flags: sleepy,
      leadership: new Leadership({ redis, name: 'one', monotonicNow: () => monotonic }),
    });
    await sleeper.pass();
    expect(store.slept).toBe(true);
    expect([await flag('coinglass.arm'), (await stage.flags.read()).version]).toEqual([
      'baseline',
      2,
    ]);
    expect((await stage.run()).status).toBe('rolled-back');
    expect((await ticks('flags')).map(({ token }) => token)).toEqual([2, 2]);
  });

  it('ends the run when a person changes the flag, and never writes again', async () => {
    const controller = stage.controller('one');
    await stage.start();
    await controller.pass();
    await stage.personSets('coinglass.arm', 'baseline');
    stage.ledger = () => counts({ auth: 40 });
    await stage.minutes(controller, 3);
    expect(await stage.run()).toMatchObject({ status: 'taken-over', because: 'bob' });
    expect((await stage.flags.read()).version).toBe(2);
    expect(await ticks('tick')).toEqual([]);
    expect((await stage.start()).status).toBe('running');
  });

  it('lets a person win who changes the flag while a rollback is on its way', async () => {
    await stage.start();
    await stage.controller('one').pass();
    stage.ledger = () => counts({ auth: 40 });
    stage.now += 2 * minute;
    const late: FlagPort = {
      read: () => stage.flags.read(),
      change: async (edit, audit) => {
        await stage.personSets('coinglass.arm', 'canary');
        return stage.flags.change(edit, audit);
      },
    };
    await stage.controller('one', { flags: late }).pass();
    expect(await stage.run()).toMatchObject({ status: 'taken-over', because: 'bob' });
    expect(await flag('coinglass.arm')).toBe('canary');
  });

  it('goes on when a person changes another flag', async () => {
    const controller = stage.controller('one');
    await stage.start();
    await controller.pass();
    await stage.personSets('coinglass.fallback.interval', 'none');
    await stage.minutes(controller, 3);
    expect(await stage.run()).toMatchObject({ status: 'running', share: 50 });
    expect(await flag('coinglass.fallback.interval')).toEqual({});
  });

  it('only advises while canary.auto is off, and acts on the evidence once it is on', async () => {
    const controller = stage.controller('one');
    await stage.start();
    await controller.pass();
    await stage.personSets('canary.auto', 'off');
    await stage.minutes(controller, 5);
    expect(await stage.run()).toMatchObject({ stage: 0, share: 10, acted: false });
    stage.ledger = () => counts({ auth: 40 });
    await stage.minutes(controller, 1);
    expect(await stage.run()).toMatchObject({
      ...{ status: 'running', acted: false },
      decision: { kind: 'rollback' },
    });
    expect(await flag('coinglass.arm')).toBe('split');
    await stage.personSets('canary.auto', 'on');
    await stage.minutes(controller, 1);
    expect([(await stage.run()).status, await flag('coinglass.arm')]).toEqual([
      'rolled-back',
      'baseline',
    ]);
  });

  it('a paused run does not advance, and still goes back', async () => {
    const controller = stage.controller('one');
    await stage.start();
    await controller.pass();
    await stage.desk.order('pause', by);
    await stage.minutes(controller, 5);
    expect(await stage.run()).toMatchObject({ status: 'paused', stage: 0 });
    await stage.desk.order('resume', by);
    await stage.minutes(controller, 1);
    expect(await stage.run()).toMatchObject({ status: 'running', stage: 1 });
    await stage.desk.order('pause', by);
    stage.ledger = () => counts({ auth: 40 });
    await stage.minutes(controller, 1);
    expect((await stage.run()).status).toBe('rolled-back');
  });

  it('at low traffic asks a person, who says go on, and is asked again in time', async () => {
    const controller = stage.controller('one');
    await stage.start({ ...plan, inconclusiveAfterMinutes: 8 });
    stage.ledger = () => counts({ ok: 1 }, { ok: 3 });
    await controller.pass();
    await stage.minutes(controller, 9);
    const run = await stage.run();
    expect(run).toMatchObject({ status: 'inconclusive', because: 'too-few-calls', stage: 0 });
    await stage.desk.order('resume', by);
    await stage.minutes(controller, 1);
    expect((await stage.run()).status).toBe('running');
  });

  it('asks a person when fetchers run another canary than the one it knows, once for each', async () => {
    const controller = stage.controller('one');
    await stage.start();
    await controller.pass();
    stage.canaries = ['d', 'e'];
    await stage.minutes(controller, 1);
    const run = await stage.run();
    expect(run).toMatchObject({ status: 'inconclusive', because: 'another-canary' });
    expect(run.warnings).toHaveLength(1);
    await stage.desk.order('resume', by);
    stage.canaries = ['e'];
    await stage.minutes(controller, 1);
    expect((await stage.run()).status).toBe('running');
  });

  it('goes on judging an operation that it only advises to switch off', async () => {
    const controller = stage.controller('one');
    await stage.personSets('canary.auto', 'off');
    await stage.start({ ...plan, mayDisable: ['futures/open-interest/history'] });
    stage.ledger = () => counts({ auth: 5 });
    await controller.pass();
    await stage.minutes(controller, 5);
    const kinds = (await ticks('tick')).map(({ decision }) => decision.kind);
    expect(kinds.filter((kind) => kind === 'disable-endpoint').length).toBeGreaterThan(1);
  });

  it('begins with the file of defaults as it is by then', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'controller-'));
    const file = join(folder, 'flags.json');
    const endpoint = 'endpoint.futures/funding-rate/history';
    copyFileSync(flagsFile, file);
    const controller = stage.controller('one', { flags: redisFlags({ redis: stage.redis, file }) });
    const edited = withVariant(readFlagsFile(file) as FlagDocument, endpoint, 'off');
    writeFileSync(file, JSON.stringify(edited));
    await stage.start();
    await controller.pass();
    expect([await flag('coinglass.arm'), await flag(endpoint)]).toEqual(['split', false]);
    rmSync(folder, { recursive: true });
  });

  it('raises the first share where there is little traffic', async () => {
    stage.ledger = () => counts({}, { ok: 20 });
    await stage.start();
    await stage.controller('one').pass();
    // 10 calls in 2 minutes at 20 calls a minute.
    expect((await stage.run()).share).toBe(25);
  });

  it('holds at a limit that is too high and lowers it by a tenth, once in a hold', async () => {
    const controller = stage.controller('one');
    await stage.start();
    await controller.pass();
    const throttled = { permits: 100, sent: 100, throttled: 20 };
    const requests = { baseline: throttled, canary: throttled };
    const refused = (limitInForce: number) =>
      counts({ ok: 50 }, { ok: 50 }, { requests, limitInForce });
    stage.ledger = (at) => refused(at < begin + minute ? 200 : 190);
    await stage.minutes(controller, 4);
    expect(await stage.run()).toMatchObject({ status: 'held', because: 'quota:limit' });
    expect([await flag('coinglass.rpm'), (await stage.flags.read()).version]).toEqual([180, 2]);
    stage.ledger = () => counts();
    await stage.minutes(controller, 3);
    expect((await stage.run()).status).toBe('running');
    stage.ledger = () => refused(180);
    await stage.minutes(controller, 2);
    expect(await flag('coinglass.rpm')).toBe(162);
  });

  it('does not raise a limit that a person has lowered further', async () => {
    const controller = stage.controller('one');
    await stage.start();
    await controller.pass();
    const throttled = { permits: 100, sent: 100, throttled: 20 };
    const requests = { baseline: throttled, canary: throttled };
    stage.ledger = () => counts({ ok: 50 }, { ok: 50 }, { requests, limitInForce: 200 });
    await stage.personSets('coinglass.rpm', 'low');
    await stage.minutes(controller, 2);
    expect(await stage.run()).toMatchObject({ status: 'held', because: 'quota:limit' });
    expect(await flag('coinglass.rpm')).toBe(50);
  });

  it('switches off an operation above the plan that refuses the canary alone, and goes on', async () => {
    const controller = stage.controller('one');
    const operation = 'futures/open-interest/history';
    await stage.start({ ...plan, mayDisable: [operation] });
    stage.ledger = () => counts({ auth: 5 });
    await controller.pass();
    await stage.minutes(controller, 2);
    expect(await flag(`endpoint.${operation}`)).toBe(false);
    expect(await stage.run()).not.toMatchObject({ status: 'rolled-back' });
  });

  it('judges what it missed, each period by itself, and enters a stage only with the newest', async () => {
    await stage.start();
    await stage.controller('one').pass();
    stage.ledger = (at) => (at < stage.now - 4 * minute ? undefined : counts());
    stage.now += 10 * minute;
    await stage.redis.del(runKeys.leader);
    await stage.controller('two').pass();
    const judged = await ticks('tick');
    expect(judged.map(({ kept }) => kept).filter((kept) => !kept)).toHaveLength(6);
    expect(judged.filter(({ decision }) => decision.kind === 'advance').length).toBeGreaterThan(1);
    expect(judged.map(({ stage: at }) => at)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1]);
  });

  it('with Redis away does nothing, and goes on with what fetchers wrote meanwhile', async () => {
    const appending = await PrivateRedis.started({ appendOnly: true });
    const house = await new CanaryStage(appending).ready();
    const controller = house.controller('one');
    await house.start();
    await controller.pass();
    await house.minutes(controller, 1);
    await house.redis.config('SET', 'appendfsync', 'always');
    await appending.kill();
    house.now += minute;
    await expect(controller.pass()).rejects.toThrow();
    house.now += minute;
    await appending.start();
    await redisReady(house.redis, 3_000);
    await controller.pass();
    expect(await house.run()).toMatchObject({ stage: 1, share: 50 });
    await appending.stop();
  });

  describe('of one arm alone', () => {
    const single = {
      ...plan,
      mode: 'single-arm' as const,
      stages: [
        { name: 'tenth', share: 10, dwellMinutes: 2, callsMin: 10 },
        { name: 'full', share: 100, dwellMinutes: 2, callsMin: 10 },
      ],
    };

    it('gives it shares of the limit, and the limit as it was when it is promoted', async () => {
      const controller = stage.controller('one');
      await stage.personSets('vendor.egress.enabled', 'off');
      stage.ledger = () => counts({}, { ok: 50 });
      await stage.start(single);
      await controller.pass();
      expect([await flag('coinglass.rpm'), await flag('vendor.egress.enabled')]).toEqual([
        25,
        true,
      ]);
      await stage.minutes(controller, 3);
      expect(await flag('coinglass.rpm')).toBe(250);
      await stage.minutes(controller, 2);
      expect([(await stage.run()).status, await flag('coinglass.rpm')]).toEqual([
        'promoted',
        100_000,
      ]);
      expect(await flag('coinglass.arm')).toBe('baseline');
    });

    it('leaves requests off when a person stops them before the start is carried out', async () => {
      await stage.start(single);
      await stage.personSets('vendor.egress.enabled', 'off');
      await stage.controller('one').pass();
      expect([await flag('coinglass.rpm'), await flag('vendor.egress.enabled')]).toEqual([
        25,
        false,
      ]);
    });

    it('stops all requests when it is worse than its budget', async () => {
      const controller = stage.controller('one');
      stage.ledger = () => counts({}, { auth: 20 });
      await stage.personSets('coinglass.rpm', 'half');
      await stage.start(single);
      await controller.pass();
      expect(await flag('coinglass.rpm')).toBe(12);
      await stage.minutes(controller, 2);
      expect([(await stage.run()).status, await flag('vendor.egress.enabled')]).toEqual([
        'rolled-back',
        false,
      ]);
    });

    it('is taken over by who changes the limit', async () => {
      const controller = stage.controller('one');
      await stage.start(single);
      await controller.pass();
      await stage.personSets('coinglass.rpm', 'low');
      await stage.minutes(controller, 2);
      expect((await stage.run()).status).toBe('taken-over');
    });
  });
});

/** Dies when it would write down that the flags are written. */
class DyingStore extends RunStore {
  constructor({ redis }: CanaryStage) {
    super({ redis });
  }

  override change(...args: Parameters<RunStore['change']>): ReturnType<RunStore['change']> {
    return args[2][0]?.kind === 'flags' ? Promise.reject(died) : super.change(...args);
  }
}

/** Sleeps once, before it writes what was made of a document it has read. */
class SleepyStore extends FlagStore {
  slept = false;
  readonly #meanwhile: () => Promise<void>;

  constructor({ redis }: CanaryStage, meanwhile: () => Promise<void>) {
    super({ redis, endpointIds });
    this.#meanwhile = meanwhile;
  }

  override async write(write: Parameters<FlagStore['write']>[0]): ReturnType<FlagStore['write']> {
    if (!this.slept) {
      this.slept = true;
      await this.#meanwhile();
    }
    return super.write(write);
  }
}
