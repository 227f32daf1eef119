import type { Caller } from './access.ts';

/** Who did it, for a record that outlives the request: `<team>/<key id>`, the team alone where no keys are asked for. */
export const callerName = ({ team, keyId }: Pick<Caller, 'team' | 'keyId'>): string =>
  keyId === undefined ? team.id : `${team.id}/${keyId}`;
