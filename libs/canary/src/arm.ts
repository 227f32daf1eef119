/** The two ways in which a fetcher may run a call. */
export const armNames = ['baseline', 'canary'] as const;
export type ArmName = (typeof armNames)[number];

export type PerArm<T> = Readonly<Record<ArmName, T>>;
