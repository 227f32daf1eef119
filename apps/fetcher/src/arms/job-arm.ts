import {
  jobNames,
  type DrawnCall,
  type InteractiveFetchJob,
  type QueuedFetchJob,
  type StreamProbeJob,
} from '@glasshouse/fetch-queue';
import { drawArm, standingArm, type Arm, type Flags } from '@glasshouse/flags';
import type { Job } from 'bullmq';

/** How a logical call is run. */
export interface CallArm {
  readonly callId: string;
  readonly arm: Arm;
  /** The canary while a test is under way: its answer is nobody else's. */
  readonly onTrial: boolean;
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
    if (call) return { callId: call.id, arm: call.arm, onTrial: onTrial(call) };
    if (queue === 'interactive' || job.name === jobNames.refresh) {
      return { callId, arm: await standingArm(flags), onTrial: false };
    }
    const drawn = await drawArm(flags, callId);
    if (drawn.settled) return { callId, arm: drawn.arm, onTrial: false };
    const written = 'arm' in work && job.attemptsStarted > 1 ? work.arm : undefined;
    if (written) return { callId, arm: written, onTrial: written === 'canary' };
    const { arm } = drawn;
    // Not awaited: with Redis away it would not return, and the same id draws the same again unless the shares change meanwhile.
    job.updateData({ ...(job.data as object), arm }).catch(() => undefined);
    return { callId, arm, onTrial: onTrial(drawn) };
  };

export type JobArms = ReturnType<typeof createJobArms>;

const onTrial = ({ arm, settled }: Pick<DrawnCall, 'arm' | 'settled'>): boolean =>
  arm === 'canary' && !settled;
