import { FetchDesk } from '../fetch/fetch-desk.ts';
import type { Fetched, FetchOrder } from '../fetch/fetch-order.ts';

/**
 * Makes a process one that certain jobs kill, to prove what becomes of their neighbours. Reached by `node --import` of this very
 * file and by nothing else: no program of the house imports it. The culprit is known by its coin.
 */
const crimes: Readonly<Record<string, () => unknown>> = {
  'poison-exit': () => process.exit(3),
  'poison-kill': () => process.kill(process.pid, 'SIGKILL'),
  'poison-memory': () => {
    const hoard: number[][] = [];
    for (;;) hoard.push(Array.from({ length: 100_000 }, Math.random));
  },
  'poison-loop': () => {
    for (;;);
  },
};

const fetch = Object.getOwnPropertyDescriptor(FetchDesk.prototype, 'fetch')?.value as (
  this: FetchDesk,
  order: FetchOrder,
) => Promise<Fetched>;

/** How long the culprit waits, so that its neighbours are under way. */
const takesItsTimeMs = 300;

FetchDesk.prototype.fetch = async function (order) {
  const crime = crimes[order.instrument?.coin ?? ''];
  if (crime) {
    await new Promise((on) => setTimeout(on, takesItsTimeMs));
    crime();
  }
  return fetch.call(this, order);
};
