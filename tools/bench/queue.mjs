// What the queue costs: jobs through the fetcher's worker beside a bare BullMQ worker, and a miss through the house beside a direct call.
//   --quick   fewer rounds      --jobs, --misses   only this part
import { measureJobs } from './queue/jobs.mjs';
import { measureMisses } from './queue/misses.mjs';

const has = (/** @type {string} */ flag) => process.argv.includes(flag);
const quick = has('--quick');

const misses = async () => {
  const size = {
    rounds: quick ? 3 : 7,
    loads: [
      { concurrent: 1, count: 16, goalMs: 3 },
      { concurrent: 16, count: 192, goalMs: 12 },
      { concurrent: 128, count: 512, goalMs: 50 },
    ],
  };
  console.log(
    `\nA 2 kB miss through gateway, queue and fetcher beside a direct call with a permit (vendor 50 ms, ${size.rounds} interleaved rounds, p50; CPU and Redis commands per miss)\n`,
  );
  console.log(`${await measureMisses(size)}\n`);
};

const jobs = async () => {
  const size = { rounds: quick ? 3 : 9, jobs: quick ? 1_000 : 2_000 };
  console.log(
    `\nJobs of the shared queue, 16 at once (${size.rounds} interleaved rounds of ${size.jobs}, medians; ratios to the bare worker, time and CPU and Redis commands per job)\n`,
  );
  console.log(await measureJobs(size));
  console.log('\n  goal: our workers take <= 1.25 x the time of the bare worker\n');
};

if (!has('--misses')) await jobs();
if (!has('--jobs')) await misses();
