/** A rule that a run has broken. */
export interface Violation {
  readonly rule: Rule;
  /** Ms from the start. */
  readonly afterMs: number;
  readonly detail: string;
}

/** Each rule, and what it forbids. */
export const rules = {
  'over-limit': 'more arrivals in a window than the limit',
  unpaid: 'a request without a permit of its own',
  late: 'a request sent after its deadline',
  'granted-in-pause': 'a permit granted before the vendor’s Retry-After had passed',
  'sent-in-pause': 'a request sent before the vendor’s Retry-After had passed',
  'too-often': 'a call sent more often than three times',
  amplified: 'more sendings for each call than allowed',
  'refused-by-vendor': 'more refusals by the vendor than allowed',
  misnamed: 'a refusal that was named otherwise than its cause',
  unnamed: 'a refusal that was not named, or none where some were to be named',
  'sent-though-full': 'a request sent though the vendor was known to be full',
  'sent-though-known': 'a request sent, and refused, after its process knew of a refusal',
  unused: 'less of the limit used than promised',
  overused: 'more of the limit used than the lane may',
  'kept-waiting': 'a team that came back had to wait though others were over their share',
  starved: 'somebody who asked was never answered',
  'too-many-commands': 'more commands to the store for each request than allowed',
  'foreign-invented': 'foreign use was seen where there was none',
  'foreign-unseen': 'nobody noticed that somebody else uses the key',
  unexpected: 'an error that is no failure',
} as const;

export type Rule = keyof typeof rules;

export interface Watch {
  broken(rule: Rule, detail: string): void;
  /** The first one: what follows from it tells little. */
  violation(): Violation | undefined;
}

export const createWatch = (now: () => number): Watch => {
  const startedAt = now();
  let first: Violation | undefined;
  return {
    broken(rule, detail) {
      first ??= { rule, afterMs: Math.round(now() - startedAt), detail };
    },
    violation: () => first,
  };
};
