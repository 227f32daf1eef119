import { coinNamed } from '../instruments/coins.ts';
import { rounded } from './candles.ts';
import { funds, type Fund } from './funds.ts';
import { priceUsd, type Line } from './market.ts';
import { chance, seedOf } from './noise.ts';

const dayMs = 86_400_000;
export const firstFlowDay = Date.parse('2024-01-11');
const holidays = new Set(['01-01', '06-19', '07-04', '12-25']);

const bitcoin = coinNamed('BTC');
const bitcoinPriceUsd: Line = bitcoin ? priceUsd(bitcoin) : () => 0;

const isTradingDay = (day: number): boolean => {
  const date = new Date(day);
  return date.getUTCDay() % 6 !== 0 && !holidays.has(date.toISOString().slice(5, 10));
};

/** Dollars that flowed into one fund on one day; undefined where the vendor leaves the field out. */
function flowUsd({ ticker, btcHolding }: Fund, day: number, price: number): number | undefined {
  const seed = seedOf(`flow ${ticker}`);
  const index = day / dayMs;
  if (chance(seedOf(`gap ${ticker}`), index) < 0.05) return undefined;
  const turnover = (chance(seed, index) - 0.47) * 0.012;
  return rounded(btcHolding * price * turnover, 0);
}

/**
 * Daily flows of the spot Bitcoin funds, oldest first, weekends and fixed holidays left out. A day is told once it is
 * over; no public recording says whether the vendor shows a part of today.
 */
export function etfFlows(now: number): unknown[] {
  const rows: unknown[] = [];
  for (let day = firstFlowDay; day + dayMs <= now; day += dayMs) {
    if (!isTradingDay(day)) continue;
    const price = bitcoinPriceUsd(day);
    let total = 0;
    const flows = funds
      .filter(({ listedAt }) => listedAt <= day)
      .map((fund) => {
        const flow = flowUsd(fund, day, price);
        total += flow ?? 0;
        return { etf_ticker: fund.ticker, ...(flow !== undefined && { flow_usd: flow }) };
      });
    rows.push({
      timestamp: day,
      flow_usd: total,
      price_usd: rounded(price, 1),
      etf_flows: flows,
    });
  }
  return rows;
}

const lastTradingDay = (now: number): number => {
  let day = Math.floor(now / dayMs) * dayMs;
  while (!isTradingDay(day)) day -= dayMs;
  return day;
};

/** The funds as they stand; figures move once a minute. */
export function etfList(now: number): unknown[] {
  const minute = Math.floor(now / 60_000) * 60_000;
  const price = bitcoinPriceUsd(minute);
  const yesterday = bitcoinPriceUsd(minute - dayMs);
  const hour = new Date(now).getUTCHours();
  const open = isTradingDay(Math.floor(now / dayMs) * dayMs) && hour >= 14 && hour < 21;
  return funds.map((fund) => {
    const seed = seedOf(`list ${fund.ticker}`);
    const share = price * 0.00057;
    const shares = Math.round((fund.btcHolding * price) / share);
    const volume = Math.round(shares * 0.02 * (0.5 + chance(seed, minute / dayMs)));
    const change7d = rounded((chance(seed, 7 + Math.floor(minute / dayMs)) - 0.48) * 4, 2);
    const change24h = rounded(change7d / 5, 2);
    return {
      ticker: fund.ticker,
      fund_name: fund.name,
      region: 'us',
      market_status: open ? 'open' : 'closed',
      primary_exchange: fund.exchange,
      cik_code: fund.cik,
      fund_type: 'Spot',
      list_date: fund.listedAt,
      shares_outstanding: String(shares),
      aum_usd: (fund.btcHolding * price).toFixed(2),
      management_fee_percent: fund.feePercent,
      last_trade_time: minute,
      last_quote_time: minute,
      volume_quantity: volume,
      volume_usd: rounded(volume * share, 2),
      price_change_usd: rounded(share - yesterday * 0.00057, 2),
      price_change_percent: rounded((price / yesterday - 1) * 100, 2),
      asset_details: {
        net_asset_value_usd: rounded(share, 2),
        premium_discount_percent: rounded((chance(seed, minute / 60_000) - 0.5) * 0.2, 2),
        btc_holding: fund.btcHolding,
        btc_change_percent_24h: change24h,
        btc_change_24h: rounded((fund.btcHolding * change24h) / 100, 2),
        btc_change_percent_7d: change7d,
        btc_change_7d: rounded((fund.btcHolding * change7d) / 100, 2),
        update_date: new Date(lastTradingDay(now - dayMs)).toISOString().slice(0, 10),
      },
      update_timestamp: minute,
    };
  });
}
