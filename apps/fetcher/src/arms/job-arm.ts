import {
  jobNames,
  type InteractiveFetchJob,
  type QueuedFetchJob,
  type StreamProbeJob,
} from '@glasshouse/fetch-queue';
import { drawArm, type Arm, type Flags } from '@glasshouse/flags';
import type { Job } from 'bullmq';

/** How a logical call is run. */
export interface CallArm {
  readonly callId: string;
  readonly arm: Arm;
  /** The canary while a test is under way: its answer is nobody else's. */
  readonly onTrial: boolean;
  /**
   * Whether its end is counted for its arm. `always`: drawn while a test is under way. Also what was answered from the store counts then:
   * stores and memories of the arms are filled by so different numbers of calls that those which were sent cannot be compared. `never`: run
   * for everybody while a test is under way; what nobody drew would make the baseline another mixture of calls than the canary.
   */
  readonly counted: 'when-sent' | 'always' | 'never';
}

type TakenJob = Pick<Job, 'id' | 'name' | 'data' | 'attemptsStarted' | 'updateData'>;

/**
 * The arm of a taken job. A reader's call has been drawn by the gateway. A job from the shared queue is drawn when it first runs, by its
 * id, and while the test is under way the arm is written into it, so that it stays with it however often it comes back; once the test
 * is over, what was decided holds for it, too. What the house asks for everybody is not drawn.
 */
export const createJobArms =
  (flags: Pick<Flags, 'string'>) =>
  async (
    job: TakenJob,
    work: StreamProbeJob | InteractiveFetchJob | QueuedFetchJob,
    queue: 'shared' | 'interactive',
  ): Promise<CallArm> => {
    const callId = job.id ?? '';
    const call = 'call' in work ? work.call : undefined;
    if (call) return call.settled ? settled(call.id, call.arm) : inTest(call.id, call.arm);
    const drawn = await drawArm(flags, callId);
    if (drawn.settled) return settled(callId, drawn.arm);
    if (queue === 'interactive' || job.name === jobNames.refresh) {
      return { callId, arm: 'baseline', onTrial: false, counted: 'never' };
    }
    const written = 'arm' in work && job.attemptsStarted > 1 ? work.arm : undefined;
    if (written) return inTest(callId, written);
    const { arm } = drawn;
    // Not awaited: with Redis away it would not return, and the same id draws the same again unless the shares change meanwhile.
    job.updateData({ ...(job.data as object), arm }).catch(() => undefined);
    return inTest(callId, arm);
  };

export type JobArms = ReturnType<typeof createJobArms>;

const settled = (callId: string, arm: Arm): CallArm => ({
  callId,
  arm,
  onTrial: false,
  counted: 'when-sent',
});

const inTest = (callId: string, arm: Arm): CallArm => ({
  callId,
  arm,
  onTrial: arm === 'canary',
  counted: 'always',
});
