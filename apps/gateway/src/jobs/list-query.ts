import {
  Failure,
  invalidRequest,
  nearest,
  shown,
  type FieldError,
} from '@glasshouse/coinglass-client';
import type { IndexPlace } from '@glasshouse/fetch-queue';
import type { ListQuery } from './job-list.ts';
import { jobStates, type JobState } from './job-view.ts';
import type { Viewer } from './viewer.ts';

export const listParameters = ['state', 'limit', 'cursor', 'team'] as const;

export const limitDefault = 50;
export const limitMax = 200;

const cursorForm = /^(\d{1,15})\.([\w.-]{1,128})$/;
const teamForm = /^[a-z][a-z0-9-]{0,31}$/;

/**
 * Which jobs are asked for. A team sees its own; who has the scope `admin` sees all, or one team's.
 * @throws Failure `invalid-request` with every problem, `forbidden-scope`
 */
export const readListQuery = (
  query: ReadonlyMap<string, string>,
  { team: own, admin }: Viewer,
): ListQuery => {
  const errors: FieldError[] = [];
  const state = query.get('state');
  const limit = query.get('limit') ?? String(limitDefault);
  const cursor = query.get('cursor');
  const team = query.get('team');
  if (state !== undefined && !isJobState(state)) errors.push(notAState(state));
  if (!(/^\d{1,3}$/.test(limit) && Number(limit) >= 1 && Number(limit) <= limitMax)) {
    errors.push({ field: 'limit', message: `is a whole number from 1 to ${limitMax}` });
  }
  const below = cursor === undefined ? undefined : placeOf(cursor);
  if (cursor !== undefined && !below) {
    errors.push({ field: 'cursor', message: 'is not one; take it from next of the page before' });
  }
  if (team !== undefined && !teamForm.test(team)) {
    errors.push({ field: 'team', message: 'is no team id' });
  }
  if (errors.length > 0) throw invalidRequest(errors);
  if (team !== undefined && team !== own && !admin) throw notTheirs();
  return {
    team: team ?? (admin ? '*' : own),
    state: state as JobState | undefined,
    limit: Number(limit),
    below,
  };
};

export const cursorOf = ({ createdAt, id }: IndexPlace): string => `${createdAt}.${id}`;

const placeOf = (cursor: string): IndexPlace | undefined => {
  const [, createdAt, id] = cursorForm.exec(cursor) ?? [];
  return createdAt === undefined || id === undefined
    ? undefined
    : { createdAt: Number(createdAt), id };
};

const isJobState = (text: string): boolean => jobStates.includes(text as JobState);

const notAState = (state: string): FieldError => ({
  field: 'state',
  message: `${shown(state)} is not one of: ${jobStates.join(', ')}`,
  allowed: jobStates,
  suggestions: nearest(state, jobStates),
});

const notTheirs = (): Failure =>
  new Failure('forbidden-scope', 'Only a key with the scope admin sees the jobs of other teams', {
    errors: [{ field: 'team', message: 'is not the team of the key; leave it out' }],
  });
