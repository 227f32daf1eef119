import { spawn } from 'node:child_process';

/**
 * One child process: started in a group of its own (so that Ctrl-C in the terminal reaches only the launcher, which
 * then ends its children in the right order), its lines handed on, its end awaited.
 *
 * @typedef {object} ProcessSpec
 * @property {string} name
 * @property {string} command
 * @property {readonly string[]} args
 * @property {NodeJS.ProcessEnv} env the whole environment of the child; nothing is inherited
 * @property {string} [cwd]
 * @property {(line: string) => string} [mask] takes the secrets out of a line before anyone hears it
 * @property {(line: string, stream: 'out' | 'err') => void} [onLine] hears each line
 *
 * @typedef {{ code: number | null, signal: NodeJS.Signals | null, told: string }} Ending
 *
 * @typedef {object} ManagedProcess
 * @property {string} name
 * @property {number | undefined} pid undefined when it could not be started
 * @property {Promise<Ending>} exited
 * @property {Ending | undefined} ended
 * @property {string[]} tail its last lines
 * @property {(boundMs: number) => Promise<{ forced: boolean }>} stop asks it to end, and ends it by force after the bound
 * @property {() => void} kill ends it at once
 *
 * @typedef {(spec: ProcessSpec) => ManagedProcess} Spawn
 */

const tailLines = 25;
const lineCharactersMax = 16_384;
/** After its exit a child's last lines are still in the pipe; a grandchild may hold the pipe open for ever. */
const drainBoundMs = 300;
const ownGroup = process.platform !== 'win32';

/** @type {Spawn} */
export const spawnManaged = ({ name, command, args, env, cwd, mask, onLine }) => {
  const child = spawn(command, [...args], {
    env,
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: ownGroup,
    windowsHide: true,
  });
  /** @type {string[]} */
  const tail = [];
  /** @param {'out' | 'err'} stream @returns {(line: string) => void} */
  const hear = (stream) => (said) => {
    const line = mask === undefined ? said : mask(said);
    tail.push(line);
    if (tail.length > tailLines) tail.shift();
    onLine?.(line, stream);
  };
  splitLines(child.stdout, hear('out'));
  splitLines(child.stderr, hear('err'));

  /** @type {ManagedProcess} */
  const managed = {
    name,
    pid: child.pid,
    ended: undefined,
    tail,
    exited: endingOf(child).then((ending) => (managed.ended = ending)),
    kill: () => signalTree(child.pid, 'SIGKILL'),
    stop: async (boundMs) => {
      if (managed.ended !== undefined) return { forced: false };
      signal(child.pid, 'SIGTERM');
      if (await endsWithin(managed.exited, boundMs)) return { forced: false };
      signalTree(child.pid, 'SIGKILL');
      await managed.exited;
      return { forced: true };
    },
  };
  return managed;
};

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<Ending>}
 */
const endingOf = (child) =>
  new Promise((resolve) => {
    child.once('error', (error) =>
      resolve({ code: null, signal: null, told: `it could not be started: ${error.message}` }),
    );
    child.once('exit', (code, signal) => {
      const told = signal === null ? `exit code ${code}` : `signal ${signal}`;
      const timer = setTimeout(() => resolve({ code, signal, told }), drainBoundMs);
      child.once('close', () => {
        clearTimeout(timer);
        resolve({ code, signal, told });
      });
    });
  });

/**
 * @param {Promise<unknown>} exited
 * @param {number} boundMs
 */
const endsWithin = (exited, boundMs) => {
  /** @type {NodeJS.Timeout} */
  let timer;
  const bound = new Promise((resolve) => {
    timer = setTimeout(() => resolve(false), boundMs);
  });
  return Promise.race([exited.then(() => true), bound]).finally(() => clearTimeout(timer));
};

/** @param {number | undefined} pid @param {NodeJS.Signals} name */
const signal = (pid, name) => {
  if (pid === undefined) return;
  try {
    process.kill(pid, name);
  } catch {
    // It is gone already, which is what was wanted.
  }
};

/**
 * The child with whatever it started itself: its group carries its pid.
 * @param {number | undefined} pid @param {NodeJS.Signals} name
 */
const signalTree = (pid, name) => {
  if (pid === undefined) return;
  if (ownGroup) signal(-pid, name);
  signal(pid, name);
};

/**
 * @param {import('node:stream').Readable} stream
 * @param {(line: string) => void} onLine an endless line is cut, never gathered
 */
const splitLines = (stream, onLine) => {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (/** @type {string} */ chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line.replace(/\r$/, '').slice(0, lineCharactersMax));
    if (rest.length > lineCharactersMax) {
      onLine(rest.slice(0, lineCharactersMax));
      rest = '';
    }
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest);
  });
  stream.on('error', () => {}); // The end of the process tells more than a broken pipe.
};
