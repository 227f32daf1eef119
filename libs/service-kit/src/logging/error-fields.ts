/** How deep a chain of causes is followed, and how many of an `AggregateError`'s errors are shown. */
const deepest = 5;
const mostErrors = 5;
const longestText = 8_192;

/** Own fields of errors that are worth a line; others may hold whole answers (ioredis: a command's arguments). */
const toldFields = [
  'code',
  'kind',
  'detail',
  'status',
  'retryAfterMs',
  'errors',
  'upstream',
  'syscall',
  'address',
  'port',
] as const;

const cut = (text: string): string =>
  text.length > longestText ? `${text.slice(0, longestText)}…` : text;

/** An error as a log shows it: type, message, stack, the told fields and its causes; whatever was thrown, it never throws. */
export const errorFields = (thrown: unknown, depth = 0): unknown => {
  if (!(thrown instanceof Error)) return thrown;
  const { name, message, stack, cause } = thrown;
  const own = thrown as unknown as Readonly<Record<string, unknown>>;
  const told = toldFields
    .filter(
      (field) =>
        own[field] !== undefined && !(thrown instanceof AggregateError && field === 'errors'),
    )
    .map((field) => [field, own[field]] as const);
  return {
    type: name,
    message: cut(String(message)),
    ...(stack !== undefined && { stack: cut(String(stack)) }),
    ...Object.fromEntries(told),
    ...(thrown instanceof AggregateError &&
      depth < deepest && {
        aggregated: thrown.errors
          .slice(0, mostErrors)
          .map((error) => errorFields(error, depth + 1)),
      }),
    ...(cause !== undefined && depth < deepest && { cause: errorFields(cause, depth + 1) }),
  };
};
