import type { CanaryLook } from './desk.ts';
import { outcomeWords } from './report.ts';
import type { CanaryRun } from './run.ts';

/** The run as people and programs see it: without what only the verdict understands. */
export interface RunView extends Omit<CanaryRun, 'verdict' | 'driven' | 'found'> {
  /** The status in a sentence, and what is to be done, if anything is. */
  readonly words: string;
  /** False: no controller leads, so nothing is judged and no order carried out. */
  readonly watched: boolean;
}

export const viewOf = ({ run, leader }: CanaryLook): RunView | undefined => {
  if (run === undefined) return undefined;
  const { verdict: _, driven: __, found: ___, ...seen } = run;
  return { ...seen, words: outcomeWords(run), watched: leader !== undefined };
};
