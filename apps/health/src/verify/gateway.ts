/** What the gateway answered, before anybody judged it. */
export interface GatewayAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Undefined when it is no JSON. */
  readonly body: unknown;
  readonly text: string;
  readonly durationMs: number;
}

/** Nothing answers, or something that is no gateway. */
export class GatewayAway extends Error {
  override readonly name = 'GatewayAway';
}

const answerWithinMs = 30_000;

/** Asks one face of the gateway, as any caller would. Rejects with GatewayAway. */
export const askGateway = async (
  at: { readonly url: string; readonly key: string | undefined },
  path: string,
): Promise<GatewayAnswer> => {
  const startedAt = performance.now();
  try {
    const response = await fetch(`${at.url}${path}`, {
      headers: { ...(at.key !== undefined && { authorization: `Bearer ${at.key}` }) },
      redirect: 'error',
      signal: AbortSignal.timeout(answerWithinMs),
    });
    const text = await response.text();
    const durationMs = performance.now() - startedAt;
    return {
      ...{ status: response.status, headers: response.headers },
      ...{ text, body: parsed(text), durationMs },
    };
  } catch (cause) {
    throw new GatewayAway(`nothing answers at ${at.url}`, { cause });
  }
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
