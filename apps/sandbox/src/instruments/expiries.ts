const day = 86_400_000;
const quarterEnds = [2, 5, 8, 11];

/** 08:00 UTC on the last Friday of a month, when the exchanges settle their quarterly futures. */
function lastFridayOf(year: number, month: number): number {
  const lastDay = Date.UTC(year, month + 1, 0);
  const sinceFriday = (new Date(lastDay).getUTCDay() + 2) % 7;
  return lastDay - sinceFriday * day + 8 * 3_600_000;
}

/** The next two quarterly expiries after `now`, soonest first; epoch ms. */
export function quarterlyExpiriesAfter(now: number): readonly [number, number] {
  const year = new Date(now).getUTCFullYear();
  const [first, second] = [year, year + 1]
    .flatMap((each) => quarterEnds.map((month) => lastFridayOf(each, month)))
    .filter((expiry) => expiry > now);
  if (first === undefined || second === undefined) throw new RangeError(`no expiry after ${now}`);
  return [first, second];
}

/** `261225`, as Binance, OKX and Kraken write an expiry. */
export const sixDigits = (expiry: number): string =>
  new Date(expiry).toISOString().slice(2, 10).replaceAll('-', '');

const months = 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ');

/** `25DEC26`, as Deribit and Bybit write it. */
export function monthCode(expiry: number): string {
  const date = new Date(expiry);
  return `${date.getUTCDate()}${months[date.getUTCMonth()]}${date.getUTCFullYear() % 100}`;
}
