import { setTimeout as delay } from 'node:timers/promises';
import { Agent } from 'undici';

/** How many requests a job makes: 70 % one, 20 % two, 10 % three. @param {number} chance in [0, 1) */
const requestsOf = (chance) => (chance < 0.7 ? 1 : chance < 0.9 ? 2 : 3);
/** Of one request after a 429, inside the job. */
const retriesMax = 3;
const retryAfterMs = 200;

/**
 * A job as people write them: one to three requests, a 429 is tried again after a while that doubles.
 * @param {{ vendorUrl: string, endAt: number }} where
 */
export const createJob = ({ vendorUrl, endAt }) => {
  const agent = new Agent({ connections: 256 });
  const send = async () => {
    const { statusCode, body } = await agent.request({
      origin: vendorUrl,
      method: 'GET',
      path: '/ask',
    });
    await body.dump();
    return statusCode;
  };
  /** @param {(send: () => Promise<number>) => Promise<number>} inTurn sends when the limiter lets it, resolves to the status */
  return async (inTurn) => {
    for (let left = requestsOf(Math.random()); left > 0; left -= 1) {
      for (let retry = 0; retry <= retriesMax && Date.now() < endAt; retry += 1) {
        if ((await inTurn(send)) !== 429) break;
        await delay(retryAfterMs * 2 ** retry);
      }
    }
  };
};
