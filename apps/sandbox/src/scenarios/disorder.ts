/** Makes a series what a careful reader must be ready for: holes, rows that come twice, rows out of order. */
export interface Disorder {
  /** Rows from the first (included) to the second (excluded) epoch ms are left out. */
  readonly missing: readonly (readonly [number, number])[];
  /** Every so-manieth row comes once more at the end; 0: none does. */
  readonly repeated: number;
  readonly shuffled: boolean;
}

const timeOf = (row: unknown): number =>
  typeof row === 'object' && row !== null && 'time' in row ? Number(row.time) : NaN;

export const disorder = (data: unknown, { missing, repeated, shuffled }: Disorder): unknown => {
  if (!Array.isArray(data)) return data;
  const left = (data as unknown[]).filter((row) => {
    const time = timeOf(row);
    return !missing.some(([from, to]) => time >= from && time < to);
  });
  const twice = repeated === 0 ? [] : left.filter((_, at) => at % repeated === 0);
  const rows = [...left, ...twice];
  // The same disorder each time: odd places first, from behind.
  return shuffled
    ? [...rows.filter((_, at) => at % 2 === 1).reverse(), ...rows.filter((_, at) => at % 2 === 0)]
    : rows;
};
