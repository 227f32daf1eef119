import {
  alignRange,
  callerTextRule,
  canonicalParams,
  checkRange,
  clippedStart,
  entitlement,
  Failure,
  houseNameOf,
  invalidRequest,
  isCallerText,
  isFailure,
  nearest,
  parameterNames,
  planInterval,
  resolveCoin,
  resolveExchanges,
  resolveInstrument,
  shownName,
  type Endpoint,
  type InstrumentTable,
  type Interval,
  type Params,
} from '@glasshouse/coinglass-client';
import { answerKeyOf } from '@glasshouse/fetch-queue';
import type { Ask } from './ask.ts';
import type { Deciding } from './deciding.ts';

/** What the house assumes when a caller does not say. */
export const houseDefaults: Readonly<Record<string, string>> = {
  base: 'USDT',
  exchange: 'OKX',
  interval: '1h',
  exchange_list: 'Binance,OKX,Bybit',
  range: '3d',
};

/** The query parameters of an endpoint's house route, derived from its native ones. */
export const houseParamNames = (endpoint: Endpoint): readonly string[] => {
  const native = parameterNames(endpoint);
  const names = native.filter((name) => name !== 'symbol').map(houseNameOf);
  return [
    ...names,
    ...(endpoint.symbol === 'pair' ? ['base'] : []),
    ...(native.includes('interval') ? ['strict'] : []),
    ...(endpoint.narrowBy && !names.includes(endpoint.narrowBy) ? [endpoint.narrowBy] : []),
  ];
};

/**
 * Decides a request of the house face: everything that needs no table is checked first, then the plan is applied, then the
 * instrument resolved. Costs no upstream request but, at most, one renewal of the instrument table.
 * @throws Failure, its fields named as the caller wrote them.
 */
export const decideHouseAsk = async (
  endpoint: Endpoint,
  coin: string | undefined,
  query: ReadonlyMap<string, string>,
  { upstream, instruments, now, deadlineAt }: Deciding,
): Promise<Ask> => {
  const unentitled = entitlement(endpoint, upstream.plan);
  if (unentitled) throw unentitled;
  const given = readQuery(endpoint, coin, query);
  const params = inHouseWords(() => canonicalParams(endpoint, given.native));
  const interval = params['interval'] as Interval | undefined;
  const planned = interval && planOf(endpoint, params, interval, given.strict, upstream.plan, now);
  const named =
    endpoint.symbol === 'none'
      ? narrowing(endpoint, given)
      : await instruments.lookUp(
          (table) => resolveNames(endpoint, table, given, params),
          deadlineAt,
        );
  const canonical = canonicalParams(endpoint, {
    ...params,
    ...named.native,
    ...(planned && { interval: planned.interval }),
  });
  const native = planned ? alignRange(canonical) : canonical;
  return {
    endpoint,
    face: 'house',
    params: native,
    askedKey: answerKeyOf({ ...upstream, endpoint: endpoint.id, params: native }),
    asked: askedOf(named.asked, params),
    ...(planned?.fallback && { planFallback: planned.fallback }),
    strict: given.strict,
    ...(named.narrowTo !== undefined && { narrowTo: named.narrowTo }),
  };
};

interface Given {
  readonly native: Params;
  readonly coin: string;
  readonly base: string;
  /** Absent where the endpoint knows no exchange and none was given. */
  readonly exchange: string | undefined;
  readonly strict: boolean;
}

const readQuery = (
  endpoint: Endpoint,
  coin: string | undefined,
  query: ReadonlyMap<string, string>,
): Given => {
  const names = houseParamNames(endpoint);
  const errors = [...query.keys()]
    .filter((name) => !names.includes(name))
    .map((name) => ({
      field: shownName(name),
      message: 'is not a parameter of this route',
      allowed: names,
      suggestions: nearest(name, names),
    }));
  const strict = query.get('strict') ?? 'false';
  if (strict !== 'true' && strict !== 'false') {
    throw invalidRequest([
      ...errors,
      { field: 'strict', message: 'must be true or false', allowed: ['true', 'false'] },
    ]);
  }
  if (errors.length > 0) throw invalidRequest(errors);
  const isPair = endpoint.symbol === 'pair';
  const exchange = query.get('exchange') ?? (isPair ? houseDefaults['exchange'] : undefined);
  const valueOf = (name: string): string | undefined => {
    if (name === 'symbol') return coin;
    if (name === 'exchange') return isPair ? exchange : undefined;
    return query.get(houseNameOf(name)) ?? houseDefaults[name];
  };
  const native = Object.fromEntries(
    parameterNames(endpoint)
      .map((name) => [name, valueOf(name)] as const)
      .filter((pair): pair is readonly [string, string] => pair[1] !== undefined),
  );
  const base = query.get('base') ?? houseDefaults['base'] ?? '';
  return { native, coin: coin ?? '', base, exchange, strict: strict === 'true' };
};

/** The interval to ask for under the plan; a strict caller also gets the whole range or a refusal. */
const planOf = (
  endpoint: Endpoint,
  params: Params,
  asked: Interval,
  strict: boolean,
  plan: Deciding['upstream']['plan'],
  now: number,
) => {
  checkRange(params, now);
  const planned = planInterval({ endpoint, plan, asked, strict });
  const earliest = strict ? clippedStart(params, plan, now) : undefined;
  if (earliest === undefined) return planned;
  throw invalidRequest([
    {
      field: 'start_time',
      message:
        `must not be before ${earliest} (${new Date(earliest).toISOString()}): ` +
        `that is as far back as the ${plan} plan goes at ${asked}`,
    },
  ]);
};

interface Named {
  readonly native: Params;
  readonly asked: Readonly<Record<string, string>>;
  readonly narrowTo?: string;
}

/** A list that is fetched whole and served in part: what it lists is known only by itself. */
const narrowing = (endpoint: Endpoint, { exchange }: Given): Named => {
  if (endpoint.narrowBy !== 'exchange' || exchange === undefined) return { native: {}, asked: {} };
  if (!isCallerText(exchange))
    throw invalidRequest([{ field: 'exchange', message: callerTextRule }]);
  return { native: {}, asked: { exchange }, narrowTo: exchange };
};

/** Turns what the caller calls things into what the vendor calls them, by the table only. */
const resolveNames = (
  endpoint: Endpoint,
  table: InstrumentTable,
  { coin, base, exchange }: Given,
  params: Params,
): Named => {
  if (endpoint.symbol === 'pair') {
    const found = resolveInstrument(table, { exchange: exchange ?? '', coin, base });
    return {
      native: { exchange: found.exchange, symbol: found.instrumentId },
      asked: { exchange: found.exchange, coin: found.base, base: found.quote },
    };
  }
  const symbol = resolveCoin(table, coin);
  const list = params['exchange_list'];
  const exchanges =
    list === undefined ? {} : { exchange_list: resolveExchanges(table, list).join(',') };
  return { native: { symbol, ...exchanges }, asked: { coin: symbol, ...exchanges } };
};

const numeric = new Set(['limit', 'start_time', 'end_time', 'page']);

/** What was meant, in the house's words: resolved names, then the rest as given or assumed. */
const askedOf = (
  names: Readonly<Record<string, string>>,
  params: Params,
): Record<string, string | number> => {
  const rest = Object.entries(params).filter(([name]) => name !== 'symbol' && name !== 'exchange');
  const asked = {
    ...Object.fromEntries(rest.map(([name, value]) => [houseNameOf(name), value])),
    ...names,
  };
  return Object.fromEntries(
    Object.entries(asked).map(([name, value]) => [name, numeric.has(name) ? Number(value) : value]),
  );
};

const inHouseWords = <T>(check: () => T): T => {
  try {
    return check();
  } catch (thrown) {
    if (!isFailure(thrown) || !thrown.errors) throw thrown;
    const errors = thrown.errors.map((error) => ({ ...error, field: houseNameOf(error.field) }));
    throw thrown.kind === 'invalid-request'
      ? invalidRequest(errors)
      : new Failure(thrown.kind, thrown.detail, { ...thrown.toRecord(), errors });
  }
};
