import type { CanaryPlan } from '../verdict/decision.ts';
import { beginVerdict } from '../verdict/state.ts';
import { definitionOf, ruleText, settledValue } from './flag-facts.ts';
import type { OrderFacts } from './orders.ts';
import { CanaryRefusal } from './refusal.ts';
import { drivenFlag, isOver, withEvent, type ArmsFound, type CanaryRun, type Tick } from './run.ts';

/** The house as it is when somebody wants to begin a run. */
export interface StartFacts {
  readonly flags: { readonly version: number; readonly document: unknown };
  readonly arms: ArmsFound;
}

/** A new run; the first share stands in the flags once a controller has written it. @throws CanaryRefusal */
export const startRun = (
  current: CanaryRun | undefined,
  plan: CanaryPlan,
  { flags, arms }: StartFacts,
  { by, reason, at }: OrderFacts,
): { readonly run: CanaryRun; readonly tick: Tick } => {
  refuseBeside(current);
  refuseWithout(plan, flags.document, arms);
  const [first] = plan.stages;
  if (first === undefined) throw new CanaryRefusal('stages: the plan has none');
  const driven = drivenFlag({ plan });
  const status = 'running';
  const run: CanaryRun = {
    id: idOf(at),
    ...{ plan, status, stage: 0, share: first.share, arms },
    ...{ startedAt: at, startedBy: by, reason },
    warnings: warningsOf(plan, arms),
    verdict: beginVerdict(plan),
    driven: ruleText(flags.document, driven),
    found: definitionOf(flags.document, driven),
    flagVersion: flags.version,
    pending: {
      at,
      reason: `start by ${by}: ${reason}`,
      share: first.share,
      // Off after the start is a person's word, so it is switched on only where the start found it off.
      ...(plan.mode === 'single-arm' &&
        settledValue(flags.document, 'vendor.egress.enabled') !== true && {
          egress: 'on' as const,
        }),
    },
    events: [],
  };
  return {
    run: withEvent(run, { at, what: 'start', by, words: reason }),
    tick: { kind: 'order', at, order: 'start', by, reason, statusAfter: status },
  };
};

const idOf = (at: number): string =>
  new Date(at)
    .toISOString()
    .replace(/[-:]/g, '')
    .replace(/\.(\d+)Z$/, '-$1');

const refuseBeside = (current: CanaryRun | undefined): void => {
  if (current === undefined) return;
  const { id, status, because, cleared } = current;
  if (!isOver(status))
    throw new CanaryRefusal(
      `A run is under way (${id}, ${status}): promote it or roll it back first`,
    );
  if (status === 'rolled-back' && cleared === undefined)
    throw new CanaryRefusal(
      `The last run (${id}) was rolled back (${because ?? 'unknown'}), and the canary is frozen: look at its report, then clear it first`,
    );
};

const refuseWithout = (plan: CanaryPlan, document: unknown, { fetchers }: ArmsFound): void => {
  if (fetchers === 0)
    throw new CanaryRefusal('No fetcher has announced its arms: start a fetcher first');
  const unknown = plan.mayDisable.find(
    (operation) => definitionOf(document, `endpoint.${operation}`) === undefined,
  );
  if (unknown !== undefined)
    throw new CanaryRefusal(`mayDisable: there is no flag endpoint.${unknown} to switch off`);
  const arm = settledValue(document, 'coinglass.arm');
  if (plan.mode === 'single-arm') {
    if (arm === undefined)
      throw new CanaryRefusal(
        'coinglass.arm gives calls different arms: settle it first, one arm is judged alone',
      );
    return;
  }
  if (arm === 'canary')
    throw new CanaryRefusal(
      'coinglass.arm is canary for every call: configure the fetchers so that their baseline is the client that runs now, then set coinglass.arm to baseline',
    );
  if (arm !== 'baseline')
    throw new CanaryRefusal(
      'coinglass.arm is not baseline for every call: somebody splits it by hand; set it to baseline first',
    );
  if (settledValue(document, 'vendor.egress.enabled') === false)
    throw new CanaryRefusal(
      'vendor.egress.enabled is off: nothing is sent, so nothing could be judged; switch it on first',
    );
};

const warningsOf = ({ mode }: CanaryPlan, { options, digests }: ArmsFound): string[] => [
  ...(mode === 'two-arm' && options.length === 0
    ? ['The canary is the same client as the baseline: this run can show nothing but the way']
    : []),
  ...(digests.length > 1
    ? [`The fetchers have ${digests.length} different canaries: they are judged as one`]
    : []),
];
