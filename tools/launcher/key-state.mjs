import { ask } from './readiness.mjs';

/**
 * Whether the gateway asks for team keys, in its own words; undefined when it does not say.
 * @param {string} gatewayUrl
 * @returns {Promise<{ open: boolean, told: string } | undefined>}
 */
export const keyState = async (gatewayUrl) => {
  try {
    const [check] = JSON.parse((await ask(`${gatewayUrl}/health`)).body).checks['access:keys'];
    return { open: check.observedValue === 'open', told: String(check.output) };
  } catch {
    return undefined;
  }
};
