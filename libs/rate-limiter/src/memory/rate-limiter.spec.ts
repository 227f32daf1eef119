import { describeRateLimiterContract } from '../testing/contract/rate-limiter-contract.ts';
import { makeMemoryWorld } from '../testing/world.ts';

describeRateLimiterContract('in memory', makeMemoryWorld);
