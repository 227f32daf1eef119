import type { z } from 'zod';
import { Failure, type FieldError } from '../failures.ts';
import { isInterval } from '../intervals/ladder.ts';
import { nearIntervals } from '../intervals/near-intervals.ts';
import { shown, shownName } from './caller-text.ts';
import type { Endpoint } from './endpoint.ts';
import { compareText, nearest } from './near-miss.ts';

/**
 * The one form of a question to an endpoint: the vendor's parameters, checked, defaults filled, keys
 * sorted. Two callers who mean the same get equal params. It knows nothing of ranges (range.ts) or of
 * which symbols exist (symbols/).
 */
export type Given = Readonly<Record<string, string | undefined>>;
export type Params = Record<string, string>;

/** A list of problems ends somewhere, however many there are. */
const errorsMax = 32;

/** @throws Failure `invalid-request` with every problem at once. */
export const canonicalParams = (endpoint: Endpoint, given: Given): Params => {
  const known = parameterNames(endpoint);
  const asked = Object.entries(given).filter(([, value]) => value !== undefined);
  const parsed = endpoint.params.safeParse(
    Object.fromEntries(asked.filter(([name]) => known.includes(name))),
  );
  const errors = asked
    .filter(([name]) => !known.includes(name))
    .map(([name]) => unknownParameter(name, known));
  if (!parsed.success) errors.push(...problemsOf(parsed.error, given));
  if (errors.length > 0) throw invalidRequest(errors);
  // Schemas of parameters put out strings only; `params` is declared loosely because shapes differ.
  return sorted(parsed.data as Record<string, string | undefined>);
};

/**
 * For callers who speak the vendor's own language: what the vendor would not know is set aside and
 * named, since the vendor ignores it too. Names come back fit for a header.
 */
export const setAsideUnknown = (
  endpoint: Endpoint,
  given: Given,
): { readonly known: Given; readonly ignored: readonly string[] } => {
  const names = parameterNames(endpoint);
  const isKnown = ([name]: readonly [string, unknown]) => names.includes(name);
  const asked = Object.entries(given).filter(([, value]) => value !== undefined);
  return {
    known: Object.fromEntries(asked.filter(isKnown)),
    ignored: asked
      .filter((pair) => !isKnown(pair))
      .slice(0, errorsMax)
      .map(([name]) => shownName(name)),
  };
};

export const parameterNames = (endpoint: Endpoint): readonly string[] =>
  Object.keys(endpoint.params.shape);

export const invalidRequest = (errors: readonly FieldError[]): Failure => {
  const [first] = errors;
  const detail =
    errors.length === 1 && first !== undefined
      ? `${first.field}: ${first.message}`
      : `${errors.length} problems: ${errors
          .slice(0, errorsMax)
          .map(({ field }) => field)
          .join(', ')}`;
  return new Failure('invalid-request', detail, { errors: errors.slice(0, errorsMax) });
};

const sorted = (params: Readonly<Record<string, string | undefined>>): Params =>
  Object.fromEntries(
    Object.entries(params)
      .filter((pair): pair is [string, string] => pair[1] !== undefined)
      .sort(([a], [b]) => compareText(a, b)),
  );

const unknownParameter = (name: string, known: readonly string[]): FieldError => ({
  field: shownName(name),
  message: 'is not a parameter of this endpoint',
  allowed: known,
  ...withSuggestions(nearest(name, known)),
});

const problemsOf = (error: z.ZodError, given: Given): FieldError[] => {
  const firstByField = new Map<string, FieldError>();
  for (const issue of error.issues) {
    const field = String(issue.path[0] ?? '');
    if (!firstByField.has(field)) firstByField.set(field, problemOf(field, issue, given[field]));
  }
  return [...firstByField.values()];
};

const problemOf = (field: string, issue: z.core.$ZodIssue, value: unknown): FieldError => {
  const allowed = issue.code === 'invalid_value' ? issue.values.map(String) : undefined;
  const wanted = allowed !== undefined && { allowed };
  if (value === undefined) return { field, message: 'is required', ...wanted };
  if (typeof value !== 'string') return { field, message: 'must be given once, as text' };
  if (allowed === undefined) return { field, message: issue.message };
  return {
    field,
    message: `${shown(value)} is not one of: ${allowed.join(', ')}`,
    ...wanted,
    ...withSuggestions(
      (allowed.every(isInterval) ? nearIntervals(value, allowed) : undefined) ??
        nearest(value, allowed),
    ),
  };
};

export const withSuggestions = (
  suggestions: readonly string[],
): { suggestions?: readonly string[] } => (suggestions.length > 0 ? { suggestions } : {});
