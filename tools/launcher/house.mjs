/**
 * The processes of this run: who started, and in which order they end. Apps that ask end before apps that answer:
 * health, gateway, fetchers, sandbox. What they stood on (Redis) is for `finish`, since a fetcher hands its jobs back.
 *
 * @typedef {'health' | 'gateway' | 'fetcher' | 'sandbox'} Role
 * @typedef {import('./processes.mjs').ManagedProcess} ManagedProcess
 */

/** @type {readonly Role[]} */
const endingOrder = ['health', 'gateway', 'fetcher', 'sandbox'];

/** An app has 25 s to end by itself; one second more and it is a fault. */
const endBoundMs = 26_000;

export class House {
  /** @type {{ role: Role, process: ManagedProcess }[]} */
  #members = [];
  /** @type {(() => Promise<void>)[]} */
  #lastSteps = [];
  /** @type {Promise<string[]> | undefined} */
  #ending;
  #onDeath;

  /** @param {{ onDeath: (process: ManagedProcess) => void }} options hears of a process that ends uncalled */
  constructor({ onDeath }) {
    this.#onDeath = onDeath;
  }

  get isEnding() {
    return this.#ending !== undefined;
  }

  /** @param {Role} role @param {ManagedProcess} process */
  add(role, process) {
    this.#members.push({ role, process });
    if (this.isEnding) void process.stop(endBoundMs);
  }

  /** From now on its end is news. @param {ManagedProcess} process */
  watch(process) {
    void process.exited.then(() => {
      if (!this.isEnding) this.#onDeath(process);
    });
  }

  /** To be done by `finish`, newest first. @param {() => Promise<void>} step */
  lastly(step) {
    this.#lastSteps.push(step);
  }

  /** Ends the apps in order. @returns {Promise<string[]>} the names of those that had to be ended by force */
  end() {
    this.#ending ??= this.#endInOrder();
    return this.#ending;
  }

  /** To be called after `end`, when nothing is being started any more. */
  async finish() {
    await Promise.all(this.#members.map(({ process }) => process.exited));
    for (const step of this.#lastSteps.splice(0).toReversed()) await step();
  }

  /** No more waiting: the second Ctrl-C. */
  killAll() {
    for (const { process } of this.#members) if (process.ended === undefined) process.kill();
  }

  async #endInOrder() {
    /** @type {string[]} */
    const forced = [];
    for (const role of endingOrder)
      await Promise.all(
        this.#members
          .filter((member) => member.role === role)
          .map(async ({ process }) => {
            if ((await process.stop(endBoundMs)).forced) forced.push(process.name);
          }),
      );
    return forced;
  }
}
