/**
 * The variant names that a targeting rule can be seen to give: plain words, branches of `if`, buckets of
 * `fractional`, shared evaluators. What other operators compute is not followed.
 */
export const targetVariants = (
  rule: unknown,
  evaluators: Readonly<Record<string, unknown>> = {},
  depth = 0,
): string[] => {
  if (typeof rule === 'string') return [rule];
  if (depth > 50 || typeof rule !== 'object' || rule === null || Array.isArray(rule)) return [];
  const follow = (next: unknown): string[] => targetVariants(next, evaluators, depth + 1);
  const [operator, operands] = Object.entries(rule)[0] ?? [];
  if (operator === '$ref' && typeof operands === 'string')
    return Object.hasOwn(evaluators, operands) ? follow(evaluators[operands]) : [];
  if (!Array.isArray(operands)) return [];
  const list: readonly unknown[] = operands;
  if (operator === 'if' || operator === '?:')
    // condition, result, condition, result, …, otherwise
    return list.flatMap((item, at) =>
      at % 2 === 1 || (at === list.length - 1 && at > 0) ? follow(item) : [],
    );
  if (operator === 'fractional')
    return list.flatMap((item) => (Array.isArray(item) ? follow(item[0]) : []));
  return [];
};
