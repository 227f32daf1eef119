import type { Watch } from './rules.ts';
import type { Outcome } from './simulate.ts';

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** What can be said only at the end of a run. */
export const judge = (outcome: Omit<Outcome, 'violation'>, watch: Watch): void => {
  const { expects, foreignPerMinute } = outcome.scenario;
  const { use, refused, refusedWatched, sendings, calls, commands, arrivals, starving } = outcome;
  const { useMin = 0, useMax = Infinity, amplificationMax = Infinity } = expects;
  const { refusedMax = Infinity, refusedWatchedMax = Infinity } = expects;
  const { storeCallsPerRequestMax = Infinity, noneStarves = false } = expects;
  if (use < useMin) watch.broken('unused', `${percent(use)} of ${percent(useMin)}`);
  if (use > useMax) watch.broken('overused', `${percent(use)} of ${percent(useMax)}`);
  if (refused > refusedMax) watch.broken('refused-by-vendor', `${refused} of ${refusedMax}`);
  if (refusedWatched > refusedWatchedMax)
    watch.broken('refused-by-vendor', `${refusedWatched} of ${refusedWatchedMax} while watched`);
  const misnamed = Object.entries(outcome.causes).filter(([cause]) => cause !== expects.cause);
  if (expects.cause !== undefined && misnamed.length > 0)
    watch.broken('misnamed', misnamed.map(([cause, count]) => `${count} ${cause}`).join(', '));
  if (expects.cause !== undefined && (outcome.unnamed > 0 || outcome.throttled === 0))
    watch.broken('unnamed', `${outcome.unnamed} of ${outcome.throttled}`);
  if (expects.silentWhenFull && outcome.sentThoughFull > 0)
    watch.broken('sent-though-full', `${outcome.sentThoughFull} requests`);
  if (expects.silentWhenFull && outcome.refusedBy.known > 0)
    watch.broken('sent-though-known', `${outcome.refusedBy.known} of ${refused} refused requests`);
  if (sendings / calls > amplificationMax)
    watch.broken('amplified', `${(sendings / calls).toFixed(3)} of ${amplificationMax}`);
  if (commands / arrivals > storeCallsPerRequestMax)
    watch.broken('too-many-commands', `${(commands / arrivals).toFixed(2)}`);
  if (expects.foreignIsSeen && outcome.foreignSeen === 0)
    watch.broken('foreign-unseen', `${foreignPerMinute} requests a minute`);
  if (noneStarves && starving > 0) watch.broken('starved', `${starving} kinds of callers`);
  // What the store has forgotten is a stranger's to it.
  const hasStranger = foreignPerMinute > 0 || expects.forgivesForgotten;
  if (!hasStranger && outcome.foreignSeen > 0)
    watch.broken('foreign-invented', `${outcome.foreignSeen} requests`);
};
