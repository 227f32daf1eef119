import type { PermitStore } from '@glasshouse/rate-limiter';
import type { SimulatedStore } from './store.ts';

/**
 * A store at fault: each of its grants overlooks some of the slots that are taken. Its account is whole again before anybody else
 * asks, so that it shows how far the limiter went over.
 */
export const overlooking = (store: SimulatedStore, slots: () => number): PermitStore => ({
  ...store.operations,
  async grant(...args) {
    if (slots() === 0) return store.operations.grant(...args);
    const mislaid = await store.mislay(slots());
    const granted = await store.operations.grant(...args);
    await mislaid.putBack();
    return { ...granted, inUse: granted.inUse + mislaid.slots };
  },
});
