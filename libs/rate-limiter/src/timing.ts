/** Runs something later and returns how to call it off. A parameter everywhere, so that tests own the time. */
export type After = (delayMs: number, run: () => void) => () => void;

export const afterDelay: After = (delayMs, run) => {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
};

/** The promise's outcome, or a rejection with `tooLate()` when it takes longer than `timeMaxMs`. */
export const within = <T>(
  promise: Promise<T>,
  timeMaxMs: number,
  after: After,
  tooLate: () => Error,
): Promise<T> =>
  new Promise((resolve, reject) => {
    const cancel = after(timeMaxMs, () => reject(tooLate()));
    void promise.then(resolve, reject).finally(cancel);
  });
