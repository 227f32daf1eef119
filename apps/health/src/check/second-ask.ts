import type { Finding, RowSubject } from './result.ts';

/** Trouble of the vendor that may be over the next moment: a request of the check is sent once, so the check asks again itself. */
export const mayPass = ({ verdict, kind }: Finding, subject: RowSubject): boolean =>
  subject === 'request' &&
  verdict === 'fail' &&
  (kind === 'upstream-unavailable' || kind === 'upstream-throttled');

/** What two asks of a row found together. */
export const afterTrouble = (
  first: Finding,
  second: Finding,
): Finding & { readonly asks: number } => {
  const permits = (first.permits ?? 0) + (second.permits ?? 0);
  if (second.verdict === 'fail') return { ...second, permits, asks: 2 };
  const what = first.status ?? first.kind ?? 'trouble';
  const detail = [`${what} once, then answered`, second.detail].filter(Boolean).join('; ');
  return { ...second, verdict: 'warn', permits, detail, asks: 2 };
};
