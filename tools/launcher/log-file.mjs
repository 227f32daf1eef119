import { closeSync, existsSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The file of one app's lines, `<name>.log`. What the run before wrote, or what grew past the bound, moves to
 * `<name>.previous.log`: two files an app, whatever happens. Written at once, so that nothing is lost when we die.
 *
 * @param {{ folder: string, name: string, bytesMax?: number }} options
 */
export const openLogFile = ({ folder, name, bytesMax = 32 * 1024 * 1024 }) => {
  const path = join(folder, `${name}.log`);
  const open = () => {
    if (existsSync(path)) renameSync(path, join(folder, `${name}.previous.log`));
    return openSync(path, 'w', 0o600);
  };
  let file = open();
  let bytes = 0;
  let isBroken = false;
  return {
    path,
    /** @param {string} line */
    write: (line) => {
      if (isBroken) return;
      try {
        bytes += writeSync(file, `${line}\n`);
        if (bytes < bytesMax) return;
        closeSync(file);
        bytes = 0;
        file = open();
      } catch (error) {
        isBroken = true; // A full disk stops the log, not the house.
        process.stderr.write(
          `${path} cannot be written any more: ${/** @type {Error} */ (error).message}\n`,
        );
      }
    },
    close: () => {
      if (!isBroken) closeSync(file);
      isBroken = true;
    },
  };
};
