import {
  drivenFlag,
  ruleText,
  type FlagIntent,
  type Lease,
  type TakenRun,
} from '@glasshouse/canary';
import { applyIntent, describeIntent, isApplied } from './apply-intent.ts';
import type { FlagPort } from './flag-port.ts';

export interface Written {
  /**
   * `written`: it stands in the flags, whoever wrote it. `taken-over`: a person has changed the driven flag, nothing was written.
   * `not-leading`: the lease ran out, nothing was written.
   */
  readonly state: 'written' | 'taken-over' | 'not-leading';
  /** Of the flags, after it. */
  readonly version: number;
  /** The driven flag's, see `ruleText`. */
  readonly rule: string;
}

/** Brings the flags to where the run wants them, at most once however often it is called, and never over a person's change. */
export const writeIntent = async (
  flags: FlagPort,
  run: TakenRun,
  intent: FlagIntent,
  lease: Lease,
): Promise<Written> => {
  const driven = drivenFlag(run);
  let last: Omit<Written, 'version'> = { state: 'written', rule: '' };
  const { version } = await flags.change(
    (document) => {
      const target = applyIntent(document, run, intent);
      const [found, rule] = [ruleText(document, driven), ruleText(target, driven)];
      const done = isApplied(document, target, intent, run);
      const isOurs = found === run.driven || found === rule;
      // Looked at after the document was read: whoever leads after us writes a new version, at which our compare-and-set fails.
      const state =
        done || (isOurs && lease.isValid()) ? 'written' : isOurs ? 'not-leading' : 'taken-over';
      last = { state, rule };
      return state === 'written' && !done ? target : undefined;
    },
    { actor: 'canary', reason: intent.reason, change: describeIntent(run, intent) },
  );
  return { ...last, version };
};
