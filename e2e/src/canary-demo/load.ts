import type { House } from '../house.ts';

const routes = ['funding/rate', 'oi/history', 'liquidation/history'] as const;

export interface Load {
  readonly counts: { answered: number; failed: number; ofCanary: number };
  stop(): Promise<void>;
}

interface Pair {
  readonly exchange: string;
  readonly id: string;
}

/** Pairs that some readers ask for again and again. */
export const popularPairs: readonly Pair[] = ['BTC', 'ETH', 'SOL', 'XRP'].map((coin) => ({
  exchange: 'OKX',
  id: `${coin}-USDT-SWAP`,
}));
const popularEvery = 4;

const pairsOf = async (house: House): Promise<readonly Pair[]> => {
  const { json } = await house.get('/advanced/pairs/futures');
  return Object.entries(json.data as Record<string, { instrument_id: string }[]>).flatMap(
    ([exchange, listed]) => listed.map(({ instrument_id: id }) => ({ exchange, id })),
  );
};

/**
 * Readers who want what is not stored, so that each read is a call: no route and pair is asked for twice with the same number of rows.
 * @param popular one read in four asks for one of these, as often as they come
 */
export const startLoad = async (
  house: House,
  everyMs: number,
  popular: readonly Pair[],
): Promise<Load> => {
  const pairs = await pairsOf(house);
  const counts = { answered: 0, failed: 0, ofCanary: 0 };
  const underWay = new Set<Promise<void>>();
  let asked = 0;

  const read = async (n: number): Promise<void> => {
    const turn = Math.floor(n / routes.length);
    const isPopular = popular.length > 0 && n % popularEvery === 0;
    const { exchange, id } = isPopular
      ? popular[Math.floor(n / popularEvery) % popular.length]!
      : pairs[turn % pairs.length]!;
    const rows = 2 + Math.floor(turn / pairs.length);
    const path = `/advanced/${routes[n % routes.length]}/${encodeURIComponent(id)}`;
    const { status, json } = await house.get(
      `${path}?exchange=${exchange}&interval=1h&limit=${rows}`,
      { 'x-deadline-ms': '10000' },
    );
    if (status !== 200) counts.failed += 1;
    else {
      counts.answered += 1;
      if (json.meta.arm === 'canary') counts.ofCanary += 1;
    }
  };

  const timer = setInterval(() => {
    const reading = read(asked++)
      .catch(() => void (counts.failed += 1))
      .finally(() => underWay.delete(reading));
    underWay.add(reading);
  }, everyMs);
  return {
    counts,
    stop: async () => {
      clearInterval(timer);
      await Promise.all(underWay);
    },
  };
};
