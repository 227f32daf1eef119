import { catalogue, type Call, type Endpoint, type Page } from '@glasshouse/coinglass-client';
import { countSending } from '../fetch/spending.ts';

type Answer = Page | Error;

/** Instruments as the vendor lists them. */
const pairs = {
  OKX: [
    { instrument_id: 'SOL-USDT-SWAP', base_asset: 'SOL', quote_asset: 'USDT' },
    { instrument_id: 'BTC-USDT-SWAP', base_asset: 'BTC', quote_asset: 'USDT' },
  ],
  Binance: [{ instrument_id: 'BTCUSDT', base_asset: 'BTC', quote_asset: 'USDT' }],
};

/** A page as the pipeline makes it of this data. */
export const pageOf = (endpoint: Endpoint, data: unknown, sandbox = false): Page => {
  const read = endpoint.data.parse(data);
  return {
    vendorData: JSON.stringify(data),
    houseData: JSON.stringify(read),
    data: read,
    sandbox,
    attempts: 1,
  };
};

export const samplePage = (endpoint: Endpoint, sandbox = false): Page =>
  endpoint.id === catalogue['futures/supported-exchange-pairs'].id
    ? pageOf(endpoint, pairs, sandbox)
    : pageOf(endpoint, endpoint.sample.data, sandbox);

/** Stands where the pipeline stands: answers each call as told, and keeps what it was asked. */
export class ScriptedVendor {
  readonly calls: Call[] = [];
  /** Replaced by tests; by default every question is answered with the endpoint's sample. */
  answer: (call: Call) => Answer | Promise<Answer> = ({ endpoint }) => samplePage(endpoint);

  readonly pipeline = async (call: Call): Promise<Page> => {
    this.calls.push(call);
    countSending({ quotaUsed: 17, quotaLimit: 300 });
    const answer = await this.answer(call);
    if (answer instanceof Error) throw answer;
    return answer;
  };

  /** The questions so far but for the instrument table, as `interval` or, without one, the endpoint. */
  get asked(): string[] {
    return this.calls
      .filter(({ endpoint }) => endpoint.id !== 'futures/supported-exchange-pairs')
      .map(({ endpoint, params }) => params['interval'] ?? endpoint.id);
  }

  get tablesAsked(): number {
    return this.calls.length - this.asked.length;
  }
}
