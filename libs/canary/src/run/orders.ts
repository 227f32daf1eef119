import { enterArmed, goOn } from '../verdict/state.ts';
import { CanaryRefusal } from './refusal.ts';
import { withEvent, type CanaryRun, type OrderName, type RunStatus, type Tick } from './run.ts';

/** Who orders, and why: both stand in the record, in the stream and in the flags' audit. */
export interface OrderFacts {
  readonly by: string;
  readonly reason: string;
  /** Epoch ms. */
  readonly at: number;
}

type Order = Exclude<OrderName, 'start'>;

/** In which statuses an order makes sense. */
const allowedIn: Readonly<Record<Order, readonly RunStatus[]>> = {
  pause: ['running', 'held'],
  resume: ['paused', 'inconclusive'],
  promote: ['running', 'held', 'paused', 'inconclusive'],
  rollback: ['running', 'held', 'paused', 'inconclusive', 'promoted'],
  clear: ['rolled-back'],
};

const over = 'The run is over; start begins another one';

/** What to do instead, by the status that the run has. */
const remedies: Readonly<Record<RunStatus, string>> = {
  running: 'It is judged and goes on by itself; pause, promote and rollback are taken',
  held: 'It goes on by itself when the reason is gone; pause, promote and rollback are taken',
  paused: 'resume, promote and rollback are taken',
  inconclusive: 'It asks a person: resume, promote and rollback are taken',
  promoted: 'It is watched until it is finished; rollback is taken',
  finished: over,
  'rolled-back': 'It is frozen: clear it first, then start another one',
  'taken-over': `A person changed the flag and has the say. ${over}`,
};

/** The record after an order, and what the stream is told. @throws CanaryRefusal */
export const applyOrder = (
  run: CanaryRun | undefined,
  order: Order,
  facts: OrderFacts,
): { readonly run: CanaryRun; readonly tick: Tick } => {
  if (run === undefined) throw new CanaryRefusal('There is no run; start begins one');
  refuseUnless(run, order);
  const next = withEvent(ordered(run, order, facts), {
    at: facts.at,
    what: order,
    by: facts.by,
    words: facts.reason,
  });
  return {
    run: next,
    tick: {
      kind: 'order',
      ...{ order, at: facts.at, by: facts.by, reason: facts.reason },
      statusBefore: run.status,
      statusAfter: next.status,
    },
  };
};

const refuseUnless = (run: CanaryRun, order: Order): void => {
  const { status, because, cleared } = run;
  if (status === 'rolled-back' && cleared !== undefined)
    throw new CanaryRefusal(`The run was rolled back and cleared by ${cleared.by}. ${over}`);
  if (allowedIn[order].includes(status)) return;
  const why = because === undefined ? '' : ` (${because})`;
  throw new CanaryRefusal(
    `${order} makes no sense: the run is ${status}${why}. ${remedies[status]}`,
  );
};

const ordered = (run: CanaryRun, order: Order, { by, reason, at }: OrderFacts): CanaryRun => {
  const { because: _, ...rest } = run;
  const told = `order:${order} by ${by}: ${reason}`;
  switch (order) {
    case 'pause':
      return { ...rest, status: 'paused' };
    case 'resume':
      return {
        ...rest,
        status: run.verdict.armed ? 'promoted' : 'running',
        verdict: goOn(run.verdict),
      };
    case 'promote':
      return {
        ...rest,
        status: 'promoted',
        share: 100,
        verdict: enterArmed(run.verdict),
        pending: { at, reason: told, share: 100 },
      };
    case 'rollback':
      return rolledBack(rest, { at, reason: told, because: 'order' });
    case 'clear':
      return { ...run, cleared: { by, at, reason } };
  }
};

/** The way back: in single-arm mode there is no other client to go back to, so nothing is sent any more. */
export const rolledBack = (
  run: CanaryRun,
  {
    at,
    reason,
    because,
  }: { readonly at: number; readonly reason: string; readonly because: string },
): CanaryRun => ({
  ...run,
  status: 'rolled-back',
  because,
  share: 0,
  endedAt: at,
  pending: {
    at,
    reason,
    ...(run.plan.mode === 'two-arm' ? { share: 0 } : { egress: 'off' as const }),
  },
});
