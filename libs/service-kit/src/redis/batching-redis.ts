import { Redis } from 'ioredis';

type Socket = Redis['stream'];

/** Commands in one write. Behind more, Redis would be idle while they are made, and we while it carries them out. */
const batchMax = 8;

/**
 * ioredis, whose commands of one turn of the event loop travel in few writes: a write costs the kernel more than the command in it costs
 * ioredis. Commands, replies and errors are those of ioredis, each for itself. Its own auto-pipelining makes a pipeline of them, and makes
 * that anew with a method for every script defined, of which BullMQ has dozens.
 */
export class BatchingRedis extends Redis {
  #corked: Socket | undefined;
  #batched = 0;

  override sendCommand(...[command, stream]: Parameters<Redis['sendCommand']>): unknown {
    this.#cork();
    const sent = super.sendCommand(command, stream);
    this.#batched += 1;
    if (this.#batched >= batchMax) this.#uncork();
    return sent;
  }

  #cork(): void {
    const { stream } = this;
    if (!stream || stream === this.#corked) return;
    this.#uncork();
    this.#corked = stream;
    stream.cork();
    // After everything that is ready now: what arrived together is answered together.
    setImmediate(() => this.#uncork());
  }

  #uncork(): void {
    this.#corked?.uncork();
    this.#corked = undefined;
    this.#batched = 0;
  }
}
