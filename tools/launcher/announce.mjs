import { relative } from 'node:path';
import { fetcherName } from './furnish.mjs';
import { keyState } from './key-state.mjs';
import { reachableHost } from './ports.mjs';
import { startCheckVerdict } from './start-check.mjs';
import { checkLine, summary } from './summary.mjs';
import { permitLeaseMs } from './upstream.mjs';

/**
 * Tells the person that the house stands: the summary at once, the verdict of the start check when it is there.
 *
 * @param {import('./furnish.mjs').Parts} parts
 * @param {import('./furnish.mjs').Furnished} furnished
 * @param {string} logFolder
 */
export const announce = async (parts, furnished, logFolder) => {
  const { settings, ground, upstream, ours, terminal, signal } = parts;
  const { gateway, health, sandbox, fetchers } = ground.ports;
  const origin = (/** @type {number} */ port) => `http://${reachableHost(settings.host)}:${port}`;
  const healthUrl = `${origin(health)}/health`;
  const apps = [
    { name: 'gateway', url: origin(gateway), what: 'ask here' },
    { name: 'health', url: healthUrl, what: 'start check, state of the house' },
    ...fetchers.map((port, index) => ({
      name: fetcherName(index),
      url: origin(port),
      what: 'the door to the upstream, holds the key',
    })),
  ];
  if (sandbox !== undefined)
    apps.push({ name: 'sandbox', url: String(upstream.baseUrl), what: 'stands in for CoinGlass' });
  const text = summary(
    {
      tookMs: Date.now() - Date.parse(ours.startedAt),
      apps,
      redis: furnished.redis.told,
      dataSource: upstream.dataSource,
      baseUrl: upstream.baseUrl,
      plan: settings.plan,
      rpm: settings.rpm,
      windowMs: settings.windowMs,
      logFolder: `${relative(process.cwd(), logFolder) || '.'}/`,
      gatewayUrl: origin(gateway),
      keys: await keyState(origin(gateway)),
      quietMs:
        furnished.redis.isOurs && !furnished.isWindowUnused
          ? settings.windowMs + permitLeaseMs
          : undefined,
    },
    terminal.paint,
  );
  terminal.say(text);
  terminal.release();
  const verdict = await startCheckVerdict(healthUrl, { signal });
  if (!signal.aborted) terminal.say(`${checkLine(verdict, healthUrl, terminal.paint)}\n`);
};
