/** The promise's value, or what `late` gives when it takes longer than `limitMs`. The work itself goes on unwatched. */
export const within = async <T>(work: Promise<T>, limitMs: number, late: () => T): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(late()), limitMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
};
