/** The vendor's envelope. `code` is text; most failures come as HTTP 200 with a code of their own. */
export interface Envelope {
  readonly code: string;
  readonly msg?: string;
  readonly data?: unknown;
}

/** One answer of the stand-in vendor, before it meets a wire. */
export interface VendorAnswer {
  readonly status: number;
  readonly body: Envelope;
}

const refusal = (code: string, msg: string, status = 200): VendorAnswer => ({
  status,
  body: { code, msg },
});

/** The bodies the vendor refuses with. From `wrongMethod` on they are inferred: nobody has published a recording of one. */
export const refusals = {
  keyMissing: refusal('401', 'API key missing.'),
  keyInvalid: refusal('400', 'Invalid API key provided'),
  planTooSmall: refusal('401', 'Upgrade plan'),
  intervalTooFine: refusal(
    '403',
    'The requested interval is not available for your current API plan.',
  ),
  noSuchPair: refusal(
    '400',
    'The requested pair does not exist on the exchange. Please check the documentation to view supported exchanges and pairs.',
  ),
  serverError: refusal('500', 'Server Error'),
  noSuchPath: refusal(
    '404',
    'Endpoint not found. Please refer to the API documentation: https://docs.coinglass.com/reference/endpoint-overview',
    404,
  ),
  wrongMethod: refusal('405', 'Method Not Allowed', 405),
  badInterval: refusal(
    '400',
    'The requested interval is not supported. Please check the documentation to view supported intervals.',
  ),
  badRange: refusal(
    '400',
    'The requested range is not supported. Please check the documentation to view supported ranges.',
  ),
  tooManyRequests: refusal('429', 'Too Many Requests'),
  notAcceptable: refusal('422', 'The request is valid but not acceptable.'),
} as const;

export const parameterMissing = (name: string): VendorAnswer =>
  refusal('400', `Required String parameter '${name}' is not present`);

export const parameterNotANumber = (text: string): VendorAnswer =>
  refusal(
    '400',
    `Failed to convert value of type 'java.lang.String' to required type 'java.lang.Long'; For input string: "${text.slice(0, 64)}"`,
  );

/** The same refusal in its other transport form: a real HTTP status instead of 200, or the other way round. */
export const withStatus = (answer: VendorAnswer, status: number): VendorAnswer => ({
  ...answer,
  status,
});

/** Thrown where a refusal is decided, caught where the answer is made. */
export class Refused extends Error {
  constructor(readonly answer: VendorAnswer) {
    super(answer.body.msg);
  }
}
