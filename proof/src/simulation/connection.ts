import type { PermitStore } from '@glasshouse/rate-limiter';
import type { Chance } from './chance.ts';
import type { Machine } from './machine.ts';
import type { Timeline } from './timeline.ts';

/** As the fetcher's connection for permits has it: no offline queue, no resending. */
const COMMAND_TIMEOUT_MS = 500;

/** A command as the store carries it out, for whoever looks on. */
export interface Command {
  readonly name: keyof PermitStore;
  readonly args: readonly unknown[];
  readonly reply: unknown;
}

export interface ConnectionParts {
  readonly machine: Machine;
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly store: PermitStore;
  readonly delayMaxMs: number;
  readonly lostReplies: () => number;
  readonly lostCommands: () => number;
  /** The store is there and does not answer, or nobody is at its port. */
  readonly outage: () => 'silent' | 'refuses' | undefined;
  readonly onCommand: (command: Command) => void;
}

/**
 * A process's connection to the store. Commands and replies are late and keep their order; each may be lost. A command
 * that is under way is carried out though its process is frozen or gone.
 */
export const connect = (parts: ConnectionParts): PermitStore => {
  const { machine, timeline, chance, store, delayMaxMs, onCommand } = parts;
  let lastSentAt = 0;
  let lastHeardAt = 0;
  const late = (lastAt: number): number =>
    Math.max(lastAt, timeline.now() + chance.upTo(delayMaxMs));

  const send = (name: keyof PermitStore, args: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const cancel = machine.after(COMMAND_TIMEOUT_MS, () =>
        reject(new Error('Command timed out')),
      );
      const hear = (finish: () => void): void => {
        lastHeardAt = late(lastHeardAt);
        timeline.at(lastHeardAt, () =>
          machine.hear(() => {
            cancel();
            finish();
          }),
        );
      };
      const breakOff = (code: string): void => hear(() => reject(new Error(code)));
      if (parts.outage() === 'refuses') return breakOff('ECONNREFUSED');
      lastSentAt = late(lastSentAt);
      timeline.at(lastSentAt, () => {
        const outage = parts.outage();
        if (outage === 'silent') return;
        if (outage === 'refuses' || chance.happens(parts.lostCommands())) {
          return breakOff('ECONNRESET');
        }
        const operation = store[name] as (...args: readonly unknown[]) => Promise<unknown>;
        return operation.apply(store, [...args]).then((reply) => {
          onCommand({ name, args, reply });
          if (!chance.happens(parts.lostReplies())) return hear(() => resolve(reply));
          if (chance.happens(0.5)) breakOff('ECONNRESET');
        });
      });
    });

  return new Proxy<PermitStore>(store, {
    get:
      (_, name) =>
      (...args: unknown[]) =>
        send(name as keyof PermitStore, args),
  });
};
