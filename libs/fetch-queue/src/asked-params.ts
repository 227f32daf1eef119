import {
  canonicalParams,
  invalidRequest,
  needsVendorSpelling,
  resolveCoin,
  resolveInstrument,
  vendorSpelling,
  type Endpoint,
  type FieldError,
  type InstrumentTable,
  type Params,
} from '@glasshouse/coinglass-client';
import type { FetchJob } from './job.ts';

type Asked = Pick<FetchJob, 'params' | 'instrument' | 'interval'>;

/** Runs a look-up against the instrument table. */
export type LookUp = <T>(lookup: (table: InstrumentTable) => T) => Promise<T>;

/** What an instrument is quoted in unless the job says it. */
const usualBase = 'USDT';

/**
 * What a job asks, in the vendor's words: checked, spelt as the vendor's table spells, defaults filled. Knows nothing of plans
 * and of what the vendor may refuse. What the table does not know costs no request.
 * @throws Failure `invalid-request` with every problem, `unknown-instrument`, `ambiguous-instrument`
 */
export const askedParams = async (
  endpoint: Endpoint,
  asked: Asked,
  lookUp: LookUp,
): Promise<Params> => {
  const problems = conflicts(endpoint, asked);
  if (problems.length > 0) throw invalidRequest(problems);
  const given = {
    ...Object.fromEntries(
      Object.entries(asked.params ?? {}).map(([name, value]) => [name, String(value)]),
    ),
    ...(asked.interval !== undefined && { interval: asked.interval }),
  };
  const { instrument } = asked;
  if (instrument) {
    const named = await lookUp((table) => instrumentParams(endpoint, table, instrument));
    return canonicalParams(endpoint, { ...given, ...named });
  }
  const params = canonicalParams(endpoint, given);
  if (!needsVendorSpelling(params)) return params;
  const named = await lookUp((table) => vendorSpelling(endpoint, table, params));
  return canonicalParams(endpoint, { ...params, ...named });
};

/** Two ways to say one thing are fine until they say two. */
const conflicts = (
  endpoint: Endpoint,
  { params = {}, instrument, interval }: Asked,
): FieldError[] => {
  const errors: FieldError[] = [];
  const { interval: native } = params;
  if (interval !== undefined && native !== undefined && String(native) !== interval) {
    errors.push({ field: 'interval', message: 'is not the one in params' });
  }
  if (!instrument) return errors;
  const names = endpoint.symbol === 'pair' ? ['exchange', 'symbol'] : ['symbol'];
  for (const name of names.filter((each) => params[each] !== undefined)) {
    errors.push({
      field: `params.${name}`,
      message: 'is what instrument is resolved to; give one',
    });
  }
  if (endpoint.symbol === 'none') {
    errors.push({ field: 'instrument', message: 'is nothing this endpoint asks for' });
  }
  if (endpoint.symbol === 'pair' && instrument.exchange === undefined) {
    errors.push({ field: 'instrument.exchange', message: 'is required' });
  }
  if (endpoint.symbol === 'coin') {
    for (const name of ['exchange', 'base'] as const) {
      if (instrument[name] === undefined) continue;
      errors.push({ field: `instrument.${name}`, message: 'is nothing this endpoint asks for' });
    }
  }
  return errors;
};

const instrumentParams = (
  endpoint: Endpoint,
  table: InstrumentTable,
  { exchange = '', coin, base = usualBase }: NonNullable<Asked['instrument']>,
): Params => {
  if (endpoint.symbol === 'coin') return { symbol: resolveCoin(table, coin) };
  const found = resolveInstrument(table, { exchange, coin, base });
  return { exchange: found.exchange, symbol: found.instrumentId };
};
