import { Failure } from '@glasshouse/coinglass-client';
import { isEndpointEnabled, type Flags } from '@glasshouse/flags';

/**
 * Why an endpoint may not be fetched now, by flag: all of the vendor, or this endpoint. Reading a flag never throws; what is already
 * stored is served whatever the switches say.
 */
export const createKillSwitches =
  (flags: Flags) =>
  async (endpointId: string): Promise<Failure | undefined> => {
    const egress = await flags.boolean('vendor.egress.enabled');
    if (!egress.value) {
      return new Failure(
        'egress-disabled',
        'Requests to CoinGlass are switched off (flag vendor.egress.enabled); stored answers are served',
      );
    }
    return (await isEndpointEnabled(flags, endpointId))
      ? undefined
      : new Failure(
          'endpoint-disabled',
          `${endpointId} is switched off (flag endpoint.${endpointId}); stored answers are served`,
        );
  };
