/** The word that node and undici give an error, like `ECONNRESET`; looked for in the causes, too. */
export const errorCodeOf = (thrown: unknown, depthMax = 4): string | undefined => {
  if (typeof thrown !== 'object' || thrown === null || depthMax === 0) return undefined;
  const { code, cause } = thrown as { readonly code?: unknown; readonly cause?: unknown };
  return typeof code === 'string' && /^[A-Z0-9_]{1,64}$/.test(code)
    ? code
    : errorCodeOf(cause, depthMax - 1);
};
