import { randomBytes } from 'node:crypto';

/**
 * Where this run's data comes from, and what is known of the last minute there.
 *
 * @typedef {object} Upstream
 * @property {'coinglass' | 'custom' | 'sandbox'} dataSource
 * @property {string | undefined} baseUrl absent: the vendor's own
 * @property {string | undefined} wsUrl
 * @property {string} apiKey the vendor's, or the sandbox's of this run
 */

const vendorHost = 'open-api-v4.coinglass.com';

/**
 * The sandbox's key is drawn anew for each run and begins with `sandbox`: nobody can mistake it for a real one.
 *
 * @param {Pick<import('./settings.mjs').Settings, 'apiKey' | 'baseUrl' | 'wsUrl'>} settings
 * @param {number | undefined} sandboxPort
 * @returns {Upstream}
 */
export const upstreamOf = ({ apiKey, baseUrl, wsUrl }, sandboxPort) => {
  if (apiKey === undefined)
    return {
      dataSource: 'sandbox',
      baseUrl: `http://127.0.0.1:${sandboxPort}`,
      wsUrl: `ws://127.0.0.1:${sandboxPort}/ws-api`,
      apiKey: `sandbox-${randomBytes(16).toString('hex')}`,
    };
  const isVendor = baseUrl === undefined || new URL(baseUrl).hostname === vendorHost;
  return { dataSource: isVendor ? 'coinglass' : 'custom', baseUrl, wsUrl, apiKey };
};

/** A request may arrive until the lease of its permit has passed; the limiter's default. */
export const permitLeaseMs = 30_000;

/**
 * Whether no request of ours can still count at the vendor: the last run ended over a lease and a window ago. If so the
 * fetcher may begin at once although the limiter's memory is empty; if not, the limiter waits that out. A custom upstream may be a way to the real
 * vendor, so it is treated as one.
 *
 * @param {object} facts
 * @param {boolean} facts.isRedisOurs a Redis of others may be in use by others
 * @param {Upstream['dataSource']} facts.dataSource
 * @param {number} facts.windowMs
 * @param {Pick<import('./run-file.mjs').Run, 'endedAt' | 'windowMs'> | undefined} facts.lastRun
 * @param {number} facts.now epoch ms
 */
export const isWindowUnused = ({ isRedisOurs, dataSource, windowMs, lastRun, now }) => {
  if (!isRedisOurs) return false;
  if (dataSource === 'sandbox') return true;
  if (lastRun?.endedAt === undefined) return false;
  return now - Date.parse(lastRun.endedAt) > permitLeaseMs + Math.max(windowMs, lastRun.windowMs);
};
