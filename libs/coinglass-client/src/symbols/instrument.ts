/**
 * One tradable thing of one exchange, as supported-exchange-pairs tells it. The vendor marks neither
 * perpetuals nor margin kinds, so both are read from the forms ids are known to have.
 */
export interface Instrument {
  /** The vendor's own spelling; send this. */
  readonly exchange: string;
  /** The exchange's own id; send this, verbatim, as `symbol`. */
  readonly instrumentId: string;
  readonly base: string;
  readonly quote: string;
  /** What profits are paid in, where the vendor says it. */
  readonly settlement?: string;
  /** False for contracts that expire. */
  readonly perpetual: boolean;
  /** `inverse` = margined and paid in the coin itself. */
  readonly margin: 'linear' | 'inverse';
}

/** Numeric dates: `BTCUSD_250627`, `BTC-USD-250627`, `BTC_USDT_20250627`. */
const numericDate = /[-_]\d{6,8}$/;
/** Deribit and Bybit write days and months: `BTC-27JUN25`. */
const writtenDate = /[-_]\d{1,2}(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)\d{2}$/i;
/** Futures month codes and a year: `XBTU25`, `BTCUSDZ25`. */
const monthCode = /[FGHJKMNQUVXZ]\d{2}$/;

/** Does the contract expire? A coin whose own name looks like a month code (`K23`) does not. */
export const isDated = (instrumentId: string, base: string): boolean =>
  numericDate.test(instrumentId) ||
  writtenDate.test(instrumentId) ||
  (monthCode.test(instrumentId) && !instrumentId.toUpperCase().endsWith(base.toUpperCase()));

/** Ids of coin-margined perpetuals: Binance `BTCUSD_PERP`, OKX `BTC-USD-SWAP`, Kraken `PI_XBTUSD`. */
const inverseId = /USD_PERP$|-USD-SWAP$|^PI_/i;

/**
 * The settlement decides where it names the coin; the vendor's own sample fills it in wrongly for a
 * coin-margined pair, so a settlement in dollars does not outweigh the id.
 */
export const marginOf = (
  instrumentId: string,
  base: string,
  settlement: string | undefined,
): Instrument['margin'] =>
  settlement?.toUpperCase() === base.toUpperCase() || inverseId.test(instrumentId)
    ? 'inverse'
    : 'linear';
