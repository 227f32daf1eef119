interface SystemError {
  readonly code?: unknown;
  readonly syscall?: unknown;
  readonly address?: unknown;
  readonly port?: unknown;
  readonly hostname?: unknown;
}

const word = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;

/**
 * Why a process could not start, in one sentence with what to do about it. Configuration problems keep their lines.
 * `portVariable` is the setting that moves the process to another port, e.g. `GATEWAY_PORT`.
 */
export const describeStartError = (
  thrown: unknown,
  { portVariable = 'the port setting' }: { readonly portVariable?: string } = {},
): string => {
  if (!(thrown instanceof Error)) return `The start failed: ${String(thrown)}`;
  if (thrown.name === 'ConfigError')
    return `The configuration cannot be used:\n${thrown.message.replace(/^/gm, '  ')}`;
  // A name with several addresses fails with one error per address; the first tells enough.
  const first: unknown = thrown instanceof AggregateError ? thrown.errors[0] : thrown;
  const error: Error & SystemError = first instanceof Error ? first : thrown;
  const port = word(error.port) ?? '?';
  const place = `${word(error.address) ?? word(error.hostname) ?? 'the host'}:${port}`;
  switch (error.code) {
    case 'EADDRINUSE':
      return `Port ${port} is taken: stop the program that listens there, or set ${portVariable} to another port.`;
    case 'EACCES':
      return error.syscall === 'listen'
        ? `Listening on port ${port} is not permitted: set ${portVariable} to a port above 1023.`
        : `Access is denied: ${error.message}. Check the permissions.`;
    case 'EADDRNOTAVAIL':
      return `${place} is no address of this machine: set HOST to one that is, such as 127.0.0.1.`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The host name ${word(error.hostname) ?? ''} cannot be resolved: check the spelling in REDIS_URL and the other addresses.`;
    case 'ECONNREFUSED':
      return `Nothing answers at ${place}: start it, or correct the address in the configuration.`;
    case 'ETIMEDOUT':
      return `${place} does not answer in time: check the address and the network.`;
    default:
      return `The start failed: ${error.message || error.name}`;
  }
};
