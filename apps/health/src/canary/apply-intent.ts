import {
  drivenFlag,
  ruleText,
  settledValue,
  type FlagIntent,
  type TakenRun,
} from '@glasshouse/canary';
import {
  endpointFlagKey,
  withSplit,
  withValue,
  type FlagDefinition,
  type FlagDocument,
} from '@glasshouse/flags';

/** What an intent means depends on it. */
type IntentRun = Pick<TakenRun, 'plan' | 'settings' | 'found' | 'status'>;

type Edit = (document: FlagDocument) => FlagDocument;

/** A document in which the intent stands; carried out twice it changes nothing the second time. */
export const applyIntent = (
  document: FlagDocument,
  run: IntentRun,
  intent: FlagIntent,
): FlagDocument => {
  const { share, egress, disable, limit } = intent;
  const edits: Edit[] = [];
  if (share !== undefined) edits.push(shareEdit(run, share));
  if (limit !== undefined) edits.push((it) => withLimit(it, limit));
  if (egress !== undefined)
    edits.push((it) => withValue(it, 'vendor.egress.enabled', egress === 'on'));
  if (disable !== undefined) edits.push((it) => withValue(it, endpointFlagKey(disable), false));
  return edits.reduce((edited, edit) => edit(edited), document);
};

const shareEdit = (run: IntentRun, share: number): Edit => {
  if (run.plan.mode === 'two-arm')
    return (it) => withSplit(it, 'coinglass.arm', { canary: share, baseline: 100 - share });
  // Promoted: the limit is what it was before the run.
  if (run.status === 'promoted')
    return (it) => withDefinition(it, 'coinglass.rpm', run.found as FlagDefinition);
  const requests = Math.max(1, Math.floor((run.settings.limit * share) / 100));
  return (it) => withValue(it, 'coinglass.rpm', requests);
};

/** A person may have lowered it further since the minute that was judged. */
const withLimit = (document: FlagDocument, limit: number): FlagDocument => {
  const there = settledValue(document, 'coinglass.rpm');
  return typeof there === 'number' && there <= limit
    ? document
    : withValue(document, 'coinglass.rpm', limit);
};

const withDefinition = (
  document: FlagDocument,
  key: string,
  definition: FlagDefinition,
): FlagDocument => ({ ...document, flags: { ...document.flags, [key]: definition } });

/** Whether the intent stands in the document already. */
export const isApplied = (
  before: unknown,
  after: unknown,
  intent: FlagIntent,
  run: Pick<TakenRun, 'plan'>,
) =>
  [
    drivenFlag(run),
    'coinglass.rpm',
    'vendor.egress.enabled',
    ...(intent.disable === undefined ? [] : [endpointFlagKey(intent.disable)]),
  ].every((key) => ruleText(before, key) === ruleText(after, key));

/** The intent in words, for the flags' audit. */
export const describeIntent = (
  { plan, settings }: Pick<TakenRun, 'plan' | 'settings'>,
  { share, egress, disable, limit }: FlagIntent,
): string =>
  [
    ...(share === undefined
      ? []
      : plan.mode === 'two-arm'
        ? [`coinglass.arm: canary ${share} %, baseline ${100 - share} %`]
        : [`coinglass.rpm: ${share} % of ${settings.limit}`]),
    ...(limit === undefined ? [] : [`coinglass.rpm: ${limit}`]),
    ...(egress === undefined ? [] : [`vendor.egress.enabled: ${egress}`]),
    ...(disable === undefined ? [] : [`endpoint.${disable}: off`]),
  ].join(', ');
