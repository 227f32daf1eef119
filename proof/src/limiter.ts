import { readOptions, WrongOption } from './options.ts';
import { playRounds, type Rounds } from './rounds/kill-rounds.ts';

const usage = `npm run proof:limiter [-- --real]
  250 requests in 6 s, under kill -9, freezes, FLUSHALL and restarts of Redis; some minutes
  --real  250 requests in 60 s, three windows and more, with a few kills
`;

const scaled: Rounds = {
  limit: 250,
  windowMs: 6_000,
  leaseMs: 4_000,
  permitMaxAgeMs: 1_000,
  attemptTimeoutMs: 2_000,
  processes: 3,
  callers: 40,
  kills: 64,
  freezes: 8,
  flushes: 6,
  redisRestarts: 3,
  pauseMs: 1_000,
  silent: 0.01,
  quietMs: 20_000,
};

const real: Rounds = {
  ...scaled,
  windowMs: 60_000,
  leaseMs: 30_000,
  permitMaxAgeMs: 2_000,
  attemptTimeoutMs: 8_000,
  kills: 6,
  freezes: 1,
  flushes: 0,
  redisRestarts: 0,
  pauseMs: 5_000,
  silent: 0.005,
  quietMs: 180_000,
};

/** Plays the rounds and prints what the vendor saw. Gives the exit code. */
export const main = async (args: readonly string[]): Promise<number> => {
  try {
    const rounds = 'real' in readOptions(args, ['real']) ? real : scaled;
    const { limit, windowMs, kills, freezes, flushes, redisRestarts, processes } = rounds;
    process.stdout.write(
      `${processes} processes, ${limit} requests in ${windowMs / 1000} s: ${kills} kill -9, ${freezes} freezes past the lease, ${flushes} FLUSHALL, ${redisRestarts} restarts of Redis …\n`,
    );
    const outcome = await playRounds(rounds);
    const kept = outcome.worstSliding <= limit && outcome.worstAligned <= limit;
    process.stdout.write(
      `${outcome.arrivals} requests in ${(outcome.tookMs / 1000).toFixed(0)} s; worst window: sliding ${outcome.worstSliding}, aligned ${outcome.worstAligned}; ` +
        `used while nothing happened: ${(100 * outcome.use).toFixed(1)} %\n${kept ? 'The limit was kept' : 'THE LIMIT WAS BROKEN'}\n`,
    );
    return kept ? 0 : 1;
  } catch (thrown) {
    if (!(thrown instanceof WrongOption)) throw thrown;
    process.stderr.write(`${thrown.message}\n\n${usage}`);
    return 2;
  }
};
