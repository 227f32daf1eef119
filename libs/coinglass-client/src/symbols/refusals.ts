import { isCallerText, callerTextRule } from '../catalogue/caller-text.ts';
import { invalidRequest } from '../catalogue/params.ts';
import { Failure, type FieldError } from '../failures.ts';

/** The ways a symbol is refused. None of them costs a request. */

/** @throws Failure `invalid-request` for every field whose text nothing can be looked up with. */
export const checkShape = (fields: Readonly<Record<string, unknown>>): void => {
  const errors = Object.entries(fields)
    .filter(([, value]) => !isCallerText(value))
    .map(([field]) => ({ field, message: callerTextRule }));
  if (errors.length > 0) throw invalidRequest(errors);
};

export const unknownInstrument = (detail: string, errors: readonly FieldError[]): Failure =>
  new Failure('unknown-instrument', detail, { errors });

export const ambiguousInstrument = (
  field: string,
  detail: string,
  candidates: readonly string[],
): Failure =>
  new Failure('ambiguous-instrument', detail, {
    errors: [{ field, message: 'fits several; name one of them', allowed: candidates }],
  });
