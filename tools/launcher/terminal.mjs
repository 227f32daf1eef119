import { createRepeatFilter, isProblem, readLogLine } from './log-lines.mjs';
import { paintFor } from './summary.mjs';

/**
 * What the launcher writes for a person. Apps' problems that come while the house is still being started are held back
 * until it stands: if it never does, the last words of the app that failed tell the story once.
 *
 * @param {{ out: NodeJS.WritableStream, err: NodeJS.WritableStream, showAll: boolean }} options
 *   `showAll`: every log line, as it comes
 */
export const createTerminal = ({ out, err, showAll }) => {
  const nameWidth = 'fetcher-8'.length;
  const paint = paintFor(out);
  const heldMax = 40;
  /** @type {string[] | undefined} */
  let held = showAll ? undefined : [];
  const mayRepeat = createRepeatFilter();
  // `npm start | head` closes our mouth, not the house.
  for (const stream of [out, err]) stream.on('error', () => {});

  const styles = /** @type {const} */ ({
    trace: 'dim',
    debug: 'dim',
    info: 'dim',
    warn: 'yellow',
    error: 'red',
    fatal: 'red',
  });

  /** @param {string} app @param {import('./log-lines.mjs').LogLine} line */
  const formatted = (app, { level, text }) =>
    `${paint('cyan', app.padEnd(nameWidth))} ${paint(styles[level], level.padEnd(5))} ${text}`;

  const say = (/** @type {string} */ text) => void out.write(`${text}\n`);

  return {
    paint,
    say,
    /** @param {string} app @param {string} line as the app wrote it @param {'out' | 'err'} stream */
    hear: (app, line, stream) => {
      const read = readLogLine(line, stream);
      if (showAll) {
        say(formatted(app, read));
        return;
      }
      if (!isProblem(read)) return;
      const { pass, heldBack } = mayRepeat(app, read.text);
      if (!pass) return;
      const text = `  ${formatted(app, read)}${heldBack > 0 ? ` (${heldBack} more like this)` : ''}`;
      if (held === undefined) say(text);
      else if (held.length < heldMax) held.push(text);
    },
    /** From now on problems are shown as they come. */
    release: () => {
      for (const line of held ?? []) say(line);
      held = undefined;
    },
    /** @param {import('./problem.mjs').StartProblem} problem */
    complain: ({ message, lastWords }) => {
      const shownMax = 12;
      const red = paintFor(err);
      const words = lastWords.slice(-shownMax).map(lastWord);
      const lines = [...message.split('\n').map((line) => `  ${red('red', line)}`), ...words];
      err.write(`\n${lines.filter((line) => line.trim() !== '').join('\n')}\n\n`);
    },
  };
};

/** @param {string} line */
const lastWord = (line) => {
  const { level, text } = readLogLine(line, 'err');
  return `    ${line.startsWith('{') ? `${level.padEnd(5)} ` : ''}${text}`;
};
