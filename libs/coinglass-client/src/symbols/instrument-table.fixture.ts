import { isFailure, type Failure } from '../failures.ts';
import { buildInstrumentTable } from './instrument-table.ts';

const pair = (
  instrument_id: string,
  base_asset: string,
  quote_asset: string,
  settlement?: string,
) => ({
  instrument_id,
  base_asset,
  quote_asset,
  ...(settlement !== undefined && { settlement_currency: settlement }),
});

/** A small table with every kind of trouble the real one holds. */
export const table = buildInstrumentTable({
  Binance: [
    pair('BTCUSDT', 'BTC', 'USDT', 'USDT'),
    pair('BTCUSD_PERP', 'BTC', 'USD', 'USDT'),
    pair('BTCUSD_250627', 'BTC', 'USD'),
    pair('SOLUSDT', 'SOL', 'USDT'),
    pair('SOLUSDC', 'SOL', 'USDC'),
    pair('1000PEPEUSDT', '1000PEPE', 'USDT'),
    pair('TWINUSDT', 'TWIN', 'USDT'),
    pair('TWIN_USDT', 'TWIN', 'USDT'),
  ],
  OKX: [
    pair('BTC-USDT-SWAP', 'BTC', 'USDT', 'USDT'),
    pair('BTC-USD-SWAP', 'BTC', 'USD', 'BTC'),
    pair('BTC-USD_UM-SWAP', 'BTC', 'USD', 'USD'),
    pair('BTC-USDT-250627', 'BTC', 'USDT', 'USDT'),
    pair('SOL-USDT-SWAP', 'SOL', 'USDT', 'USDT'),
    pair('OLD-USDT-250627', 'OLD', 'USDT'),
    pair('OLD-USDT-251226', 'OLD', 'USDT'),
  ],
  Gate: [pair('BTC_USDT', 'BTC', 'USDT'), pair('BTC_USDT_20250627', 'BTC', 'USDT')],
  KuCoin: [pair('XBTUSDTM', 'XBT', 'USDT'), pair('XBTMZ25', 'XBT', 'USDT')],
  Hyperliquid: [pair('BTC', 'BTC', 'USD'), pair('kPEPE', 'kPEPE', 'USD')],
  'Crypto.com': [pair('BTCUSD-PERP', 'BTC', 'USD')],
  'ApeX Omni': [],
  constructor: [pair('__proto__', '__proto__', 'USDT')],
});

export const failureOf = (act: () => unknown): Failure => {
  try {
    act();
  } catch (thrown) {
    if (isFailure(thrown)) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
};
