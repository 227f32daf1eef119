import { Redis } from 'ioredis';

type Socket = Redis['stream'];

/**
 * ioredis, whose commands of one turn of the event loop travel in one write: a write costs the kernel more than the command in it costs
 * ioredis. Commands, replies and errors are those of ioredis, each for itself; its own auto-pipelining holds commands back until the next
 * turn, makes a pipeline of them, and makes that anew with a method for every script defined, of which BullMQ has dozens.
 */
export class BatchingRedis extends Redis {
  #corked: Socket | undefined;

  override sendCommand(...[command, stream]: Parameters<Redis['sendCommand']>): unknown {
    this.#cork();
    return super.sendCommand(command, stream);
  }

  /** After the promises that are ready now: one reply of Redis wakes many, and each of them may ask for something. */
  #cork(): void {
    const { stream } = this;
    if (!stream || stream === this.#corked) return;
    this.#corked = stream;
    stream.cork();
    setImmediate(() => {
      stream.uncork();
      if (this.#corked === stream) this.#corked = undefined;
    });
  }
}
