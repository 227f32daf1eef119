import { access } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { BackfillView } from '../backfills/backfill-view.ts';
import { GatewayAway, GatewayClient, GatewayRefusal } from './gateway-client.ts';
import { forgetMemo, isFor, memoPathOf, newMemo, readMemo, writeMemo, type Memo } from './memo.ts';
import { readOptions, usage, type BackfillOptions } from './options.ts';
import { Progress, type Output } from './progress.ts';
import { saveRows } from './save-rows.ts';
import { Told, told, type ExitCode } from './told.ts';
import { endLines, quoteLines } from './words.ts';

export interface CommandParts {
  /** The words after the command. */
  readonly argv: readonly string[];
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Aborted by Ctrl-C. */
  readonly interrupted: AbortSignal;
  readonly lookEveryMs?: number;
  /** How long a gateway that was there may be away. */
  readonly awayMaxMs?: number;
}

/** A backfill as a command: quote, order, progress, file, gaps. Resolves to the exit code. */
export const runBackfillCommand = async (parts: CommandParts): Promise<ExitCode> => {
  const { argv, env, stdout, stderr } = parts;
  const options = readOptions(argv, env);
  if (typeof options === 'string') {
    stderr.write(`${options}\nnpm run backfill -- --help shows all options\n`);
    return 2;
  }
  if (options.help) {
    stdout.write(usage);
    return 0;
  }
  try {
    return await new Backfilling(options, parts).run();
  } catch (thrown) {
    const { exitCode, message } = told(thrown, options);
    stderr.write(`${message}\n`);
    return exitCode;
  }
};

class Backfilling {
  readonly #options: BackfillOptions;
  readonly #parts: Required<CommandParts>;
  readonly #gateway: GatewayClient;
  readonly #progress: Progress;

  constructor(options: BackfillOptions, parts: CommandParts) {
    this.#options = options;
    this.#parts = { lookEveryMs: 500, awayMaxMs: 60_000, ...parts };
    this.#gateway = new GatewayClient(options);
    this.#progress = new Progress(parts.stdout);
  }

  async run(): Promise<ExitCode> {
    const { does, body, out } = this.#options;
    if (does === 'cancel') return this.#cancel();
    const before = out === '' ? undefined : await this.#memoBefore();
    if (before && does === 'run') return this.#follow(before, undefined);
    if (does === 'run') await this.#checkOut();
    const quote = await this.#gateway.quote(body);
    this.#say(quoteLines(quote));
    if (does === 'quote') return 0;
    // Before it is ordered: a crash in between must not order twice.
    const memo = newMemo(this.#options);
    await writeMemo(out, memo);
    return this.#follow(memo, quote.durationMs);
  }

  async #follow(memo: Memo, quotedMs: number | undefined): Promise<ExitCode> {
    const { out, body } = this.#options;
    let view = await this.#gateway
      .order(body, memo.idempotencyKey)
      .catch(async (thrown: unknown) => {
        // What was refused was not begun; a later try is a new one.
        if (memo.id === undefined && thrown instanceof GatewayRefusal) await forgetMemo(out);
        throw thrown;
      });
    if (memo.id !== undefined) this.#say([`goes on with backfill ${view.id}`]);
    else await writeMemo(out, { ...memo, id: view.id });
    const stopped = view.state === 'failed' || view.state === 'cancelled';
    if (memo.id !== undefined && stopped) view = await this.#gateway.resume(view.id);
    const ended = await this.#untilOver(view);
    if (ended === undefined) {
      this.#say([
        `it goes on without you: backfill ${view.id}`,
        '  come back   the same command',
        `  end it      npm run backfill -- --cancel --out ${out}`,
      ]);
      return 130;
    }
    return this.#finish(ended, quotedMs);
  }

  async #finish(view: BackfillView, quotedMs: number | undefined): Promise<ExitCode> {
    const { out, format } = this.#options;
    if (view.state === 'failed') {
      const { kind, detail } = view.failure ?? { kind: 'internal', detail: 'no reason is known' };
      throw new Told(
        1,
        `the backfill failed: ${kind}: ${detail}\n` +
          `  ${view.pages.done} of ${view.pages.total} pages are kept; the same command goes on with the rest`,
      );
    }
    if (view.state === 'cancelled') {
      throw new Told(1, 'the backfill was cancelled; the same command goes on with the rest');
    }
    const { rows, body } = await this.#gateway.rows(view.id, format);
    await saveRows(out, body, format === 'csv' ? rows + 1 : rows);
    const gaps = await this.#gateway.gaps(view.id);
    await forgetMemo(out);
    this.#say(endLines(view, gaps, out, quotedMs));
    return view.state === 'completed-with-gaps' ? 4 : 0;
  }

  /** The last view; undefined when the user has gone. A gateway that is away for a while is waited for. */
  async #untilOver(first: BackfillView): Promise<BackfillView | undefined> {
    const { interrupted, lookEveryMs, awayMaxMs } = this.#parts;
    let view = first;
    let seenAt = performance.now();
    while (view.state === 'queued' || view.state === 'running') {
      this.#progress.show(view);
      await delay(lookEveryMs, undefined, { signal: interrupted }).catch(() => undefined);
      if (interrupted.aborted) break;
      try {
        view = await this.#gateway.look(first.id);
        seenAt = performance.now();
      } catch (thrown) {
        const passing =
          thrown instanceof GatewayAway ||
          (thrown instanceof GatewayRefusal && [429, 503].includes(thrown.status));
        if (!passing || performance.now() - seenAt > awayMaxMs) throw thrown;
        this.#progress.away();
      }
    }
    this.#progress.end(view);
    return interrupted.aborted && view.endedAt === undefined ? undefined : view;
  }

  async #cancel(): Promise<ExitCode> {
    const { out } = this.#options;
    const memo = await readMemo(out);
    if (memo?.id === undefined) {
      throw new Told(2, `${memoPathOf(out)} names no backfill: nothing is under way for this file`);
    }
    const { state, pages } = await this.#gateway.cancel(memo.id);
    this.#say([`backfill ${memo.id} is ${state}; ${pages.done} of ${pages.total} pages are kept`]);
    return 0;
  }

  async #memoBefore(): Promise<Memo | undefined> {
    const { out, body } = this.#options;
    const memo = await readMemo(out);
    if (!memo || isFor(memo, body)) return memo;
    throw new Told(
      2,
      `${out} is on its way with other arguments (${memoPathOf(out)}):\n` +
        `  ${Object.entries(memo.body)
          .map(([name, value]) => `--${name.replaceAll('_', '-')} ${value}`)
          .join(' ')}\n` +
        'take these, another --out, or give that one up with --cancel and remove its note',
    );
  }

  async #checkOut(): Promise<void> {
    const { out, overwrite } = this.#options;
    const exists = await access(out).then(
      () => true,
      () => false,
    );
    if (exists && !overwrite) {
      throw new Told(2, `${out} is there already: take another --out, or --overwrite`);
    }
  }

  #say(lines: readonly string[]): void {
    this.#parts.stdout.write(`${lines.join('\n')}\n`);
  }
}
