// What a permit costs, and what the limit is worth: our limiter beside a bare slot lease and beside what else people use.
import { measurePermitCost, permitCostTable } from './limiter/permit-cost.mjs';
import { measureSaturated, saturatedTable } from './limiter/saturated.mjs';

const quick = process.argv.includes('--quick');

const cost = { rounds: quick ? 3 : 11, requests: quick ? 1_600 : 4_000 };
console.log(
  `\nTake a permit, settle it (16 askers, one request after the other each; ${cost.rounds} interleaved rounds of ${cost.requests}, medians; ratios to the bare slot lease)\n`,
);
console.log(permitCostTable(await measurePermitCost(cost)));
console.log('\n  goal: grant + settle <= 1.5 x the bare slot lease\n');

const forMs = quick ? 1_000 : 2_000;
const saturation = {
  rounds: quick ? 2 : 5,
  forMs,
  loads: [
    { waiters: 1, processes: 1 },
    { waiters: 16, processes: 1 },
    { waiters: 128, processes: 1 },
    { waiters: 1_000, processes: 1 },
    { waiters: 384, processes: 3 },
  ],
};
console.log(
  `\nAlways more waiting than the limit allows (250 per s; ${saturation.rounds} interleaved rounds of ${forMs} ms, medians)\n`,
);
console.log(saturatedTable(await measureSaturated(saturation), forMs));
console.log('\n  goal: <= 2.2 scripts per request at any number of waiters\n');
