import { Failure, type Attempt, type RawAnswer, type Wire } from '@glasshouse/coinglass-client';
import type { Chance } from './chance.ts';
import type { Machine } from './machine.ts';
import type { Faults, Scenario } from './scenario.ts';
import type { Timeline } from './timeline.ts';

/** As long as a permit may be old, by any clock here, and then some: what is left of the lease is the network's. */
const PERMIT_AGE_MAX_MS = 2_100;

export interface WireParts {
  readonly machine: Machine;
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly scenario: Scenario;
  readonly faults: () => Faults;
  /** The first byte leaves; what is returned is to be called when the request arrives. */
  readonly onSent: (attempt: Attempt) => () => RawAnswer;
  readonly onHeard: (answer: RawAnswer) => void;
}

const brokenOff = (code: string) =>
  new Failure('upstream-unavailable', `CoinGlass could not be reached or broke off (${code})`);

/** The client's wire as its HTTP one is: connects if it must, writes, and says what it knows of the arrival. */
export const createSimulatedWire = (parts: WireParts): Wire => {
  const { machine, timeline, chance, scenario, faults, onSent, onHeard } = parts;
  const arriveLateMaxMs = scenario.leaseMs - PERMIT_AGE_MAX_MS;

  const exchange = (attempt: Attempt, reject: (reason: unknown) => void) => {
    const { timeouts, resets } = faults();
    const onArrival = onSent(attempt);
    if (chance.happens(timeouts)) {
      timeline.after(chance.upTo(arriveLateMaxMs), onArrival);
      return undefined;
    }
    if (chance.happens(resets)) {
      timeline.after(chance.upTo(5_000), onArrival);
      timeline.after(chance.upTo(5_000), () => machine.hear(() => reject(brokenOff('ECONNRESET'))));
      return undefined;
    }
    const latencyMs = chance.between(scenario.latencyMs);
    const arrivalMs = chance.upTo(latencyMs);
    return { onArrival, arrivalMs, answerMs: latencyMs - arrivalMs };
  };

  const send: Wire['send'] = (attempt) =>
    new Promise((resolve, reject) => {
      const { signal } = attempt;
      const stop = (): void => reject(signal.reason as Error);
      if (signal.aborted) return stop();
      signal.addEventListener('abort', stop, { once: true });

      const begin = (): void => {
        if (signal.aborted) return;
        const refused = chance.happens(faults().refusals);
        if (refused || !attempt.mayBegin()) {
          attempt.witness({ kind: 'never-sent' });
          return reject(brokenOff(refused ? 'ECONNREFUSED' : 'too late to begin'));
        }
        const took = exchange(attempt, reject);
        if (!took) return;
        timeline.after(took.arrivalMs, () => {
          const answer = took.onArrival();
          timeline.after(took.answerMs, () =>
            machine.hear(() => {
              if (signal.aborted) return;
              attempt.witness({
                kind: 'answered',
                succeeded: answer.status === 200,
                quota: answer.quota,
              });
              onHeard(answer);
              resolve(answer);
            }),
          );
        });
      };
      if (chance.happens(scenario.reusedConnections)) return begin();
      timeline.after(chance.upTo(scenario.connectMaxMs), () => machine.hear(begin));
    });

  return { baseUrl: new URL('https://vendor.example'), send };
};
