import { describe, expect, it } from '@jest/globals';
import { redisIsHere } from '@glasshouse/private-redis';
import { playRounds, type Rounds } from './kill-rounds.ts';

const lean: Rounds = {
  limit: 50,
  windowMs: 2_000,
  leaseMs: 1_500,
  permitMaxAgeMs: 500,
  attemptTimeoutMs: 700,
  processes: 2,
  callers: 10,
  kills: 4,
  freezes: 1,
  flushes: 1,
  redisRestarts: 0,
  pauseMs: 700,
  silent: 0.02,
  quietMs: 5_000,
};

(redisIsHere ? describe : describe.skip)('real processes on a real Redis', () => {
  it('never exceed the limit in any window of the vendor, though they are killed, frozen and robbed', async () => {
    const { arrivals, worstSliding, worstAligned, use } = await playRounds(lean);
    expect(worstSliding).toBeLessThanOrEqual(lean.limit);
    expect(worstAligned).toBeLessThanOrEqual(lean.limit);
    expect(arrivals).toBeGreaterThan(3 * lean.limit);
    // On a busy machine processes are late; the simulation judges the use strictly.
    expect(use).toBeGreaterThan(0.5);
  }, 120_000);
});
