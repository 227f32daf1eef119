import { isFiner, isInterval, type Interval } from '@glasshouse/coinglass-client';
import type { Flags } from '@glasshouse/flags';

/** At which interval to go on when one is refused, by flag; undefined: at the next one. Never rejects. */
export const createFallbackStart =
  (flags: Pick<Flags, 'object'>) =>
  async (refused: Interval): Promise<Interval | undefined> => {
    const { value } = await flags.object('coinglass.fallback.interval');
    const to = Object.hasOwn(value, refused) ? value[refused] : undefined;
    return isInterval(to) && isFiner(refused, to) ? to : undefined;
  };
