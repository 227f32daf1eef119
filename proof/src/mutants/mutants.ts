import type { Mutant } from './mutant.ts';
import { pipelineMutants } from './pipeline-mutants.ts';
import { storeMutants } from './store-mutants.ts';

export const mutants: readonly Mutant[] = [...pipelineMutants, ...storeMutants];

export const mutantNamed = (number: number): Mutant => {
  const mutant = mutants[number];
  if (!mutant) throw new RangeError(`there is no mutant ${number}`);
  return mutant;
};
