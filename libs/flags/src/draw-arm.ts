import type { Flags } from './flags.ts';

/** The two ways in which a fetcher may run a call. */
export type Arm = 'baseline' | 'canary';

export interface DrawnArm {
  readonly arm: Arm;
  /** True when every call gets this arm: no test of two arms is under way. */
  readonly settled: boolean;
}

/**
 * Draws the arm of one logical call. `callId` is our own, drawn for this call alone: so the arms are mixed within every series, and one
 * that is broken at the vendor burdens both alike. The same id is given the same arm while the shares stay. Never rejects.
 */
export const drawArm = async (flags: Pick<Flags, 'string'>, callId: string): Promise<DrawnArm> => {
  const { value, ruled } = await flags.string('coinglass.arm', { targetingKey: callId });
  return {
    arm: value === 'canary' ? 'canary' : 'baseline',
    settled: !ruled,
  };
};

/** The arm of what is fetched for everybody, which no unproven client may do: the settled one, and baseline while a test is under way. */
export const standingArm = async (flags: Pick<Flags, 'string'>): Promise<Arm> => {
  const { arm, settled } = await drawArm(flags, 'for everybody');
  return settled ? arm : 'baseline';
};
