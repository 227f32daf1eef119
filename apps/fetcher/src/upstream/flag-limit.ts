import type { Flags } from '@glasshouse/flags';
import type { RateLimiter } from '@glasshouse/rate-limiter';

const lookEveryMs = 5_000;

/**
 * Tells the limiter, and with it every fetcher, the limit an operator sets by flag, now and whenever it changes. With Redis away it is
 * told at the next look. Gives a function that ends it.
 */
export const followFlagLimit = (
  flags: Pick<Flags, 'number'>,
  limiter: Pick<RateLimiter, 'setFlagLimit'>,
  everyMs = lookEveryMs,
): (() => void) => {
  let told: number | undefined;
  const look = async (): Promise<void> => {
    const { value, reason } = await flags.number('coinglass.rpm');
    // A default that is served for want of a flag is nobody's order.
    const limit = reason === 'ERROR' ? undefined : value;
    if (limit === told) return;
    await limiter.setFlagLimit(limit);
    told = limit;
  };
  const lookQuietly = (): void => void look().catch(() => undefined);
  lookQuietly();
  const timer = setInterval(lookQuietly, everyMs).unref();
  return () => clearInterval(timer);
};
