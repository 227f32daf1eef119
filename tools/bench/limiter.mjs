// What a permit costs beside a bare slot lease, and how right the limit is at the vendor beside what else people use.
//   --quick   fewer rounds and windows      --real   windows of 60 s, as CoinGlass's       --cost, --exact   only this part
import { measureExactness } from './limiter/exactness.mjs';
import { measurePermitCost, permitCostTable } from './limiter/permit-cost.mjs';
import { measureSaturated, saturatedTable } from './limiter/saturated.mjs';

const has = (/** @type {string} */ flag) => process.argv.includes(flag);
const quick = has('--quick');

const cost = async () => {
  const size = { rounds: quick ? 3 : 11, requests: quick ? 1_600 : 4_000 };
  console.log(
    `\nTake a permit, settle it (16 askers, one request after the other each; ${size.rounds} interleaved rounds of ${size.requests}, medians; ratios to the bare slot lease)\n`,
  );
  console.log(permitCostTable(await measurePermitCost(size)));
  console.log('\n  goal: grant + settle <= 1.5 x the bare slot lease\n');
};

const saturated = async () => {
  const size = {
    rounds: quick ? 2 : 5,
    forMs: quick ? 1_000 : 2_000,
    loads: [
      { waiters: 1, processes: 1 },
      { waiters: 16, processes: 1 },
      { waiters: 128, processes: 1 },
      { waiters: 1_000, processes: 1 },
      { waiters: 384, processes: 3 },
    ],
  };
  console.log(
    `\nAlways more waiting than the limit allows (250 per s; ${size.rounds} interleaved rounds of ${size.forMs} ms, medians)\n`,
  );
  console.log(saturatedTable(await measureSaturated(size), size.forMs));
  console.log('\n  goal: <= 2.2 scripts per request at any number of waiters\n');
};

const exact = async () => {
  const size = has('--real')
    ? { limit: 250, windowMs: 60_000, windows: 3 }
    : { limit: 250, windowMs: 6_000, windows: quick ? 2 : 4 };
  console.log(
    `\nThe limit at the vendor: ${size.limit} in ${size.windowMs / 1_000} s, for ${size.windows} windows; 3 processes of 100 jobs at once, 1 to 3 requests a job, a 429 is tried again in the job\n`,
  );
  console.log(await measureExactness(size));
  console.log('\n  goal: no 429, most = the limit, used >= 0.99\n');
};

if (!has('--exact')) await cost();
if (!has('--exact')) await saturated();
if (!has('--cost')) await exact();
