import { userInfo } from 'node:os';

/** Who changes something when nobody says who. A container may run as a user that has no name: then it is the number. */
export const userName = (read = () => userInfo().username, uid = process.getuid?.()): string => {
  try {
    return read();
  } catch {
    return `uid ${uid ?? 'unknown'}`;
  }
};
