import { Failure } from '@glasshouse/coinglass-client';
import { isEndpointEnabled, type Flags } from '@glasshouse/flags';

/**
 * Why nothing may be sent now, by flag: at all, or for one endpoint. Looked at by the door itself, whatever the gateway has looked at;
 * reading a flag never throws.
 */
export const createKillSwitches = (flags: Pick<Flags, 'boolean'>) => {
  const egress = async (): Promise<Failure | undefined> =>
    (await flags.boolean('vendor.egress.enabled')).value
      ? undefined
      : new Failure(
          'egress-disabled',
          'Requests to CoinGlass are switched off (flag vendor.egress.enabled)',
        );

  const endpoint = async (id: string): Promise<Failure | undefined> => {
    const refused = await egress();
    if (refused || (await isEndpointEnabled(flags, id))) return refused;
    return new Failure('endpoint-disabled', `${id} is switched off (flag endpoint.${id})`);
  };

  return { egress, endpoint };
};
