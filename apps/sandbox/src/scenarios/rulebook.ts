import type { Params } from '../vendor/params.ts';
import type { Rule, SocketRule } from './rule.ts';

/** A rule with how often it has struck. */
export interface Standing {
  readonly rule: Rule;
  readonly hits: number;
}

/** Everything the rules say about one request. */
export interface Verdict {
  /** The first rule that changes the answer itself. */
  readonly misbehaviour: Misbehaviour | undefined;
  readonly delayMs: number;
  /** Requests that the usage header claims beyond our own. */
  readonly foreignUse: number;
  readonly maxLimit: number | undefined;
}

type HttpRule = Exclude<Rule, SocketRule>;
export type Misbehaviour = Exclude<HttpRule, { behaviour: 'slow' | 'foreign-use' | 'max-limit' }>;

const isSocketRule = (rule: Rule): rule is SocketRule =>
  rule.behaviour === 'ws-silent' || rule.behaviour === 'ws-refuse';

const fits = (rule: HttpRule, path: string, params: Params): boolean => {
  const wanted = rule.path;
  const onPath =
    wanted === undefined ||
    (wanted.endsWith('*') ? path.startsWith(wanted.slice(0, -1)) : path === wanted);
  return (
    onPath &&
    Object.entries(rule.params ?? {}).every(
      ([name, value]) => Object.hasOwn(params, name) && params[name] === value,
    )
  );
};

/** The rules in force, in order. Delays and headers of all fitting rules add up; of the others the first one decides. */
export class Rulebook {
  #standing: { rule: Rule; hits: number }[] = [];

  get standing(): readonly Standing[] {
    return this.#standing;
  }

  replace(rules: readonly Rule[]): void {
    this.#standing = rules.map((rule) => ({ rule, hits: 0 }));
  }

  /** Looks the request up and counts a hit for each rule that takes part in the answer. */
  judge(path: string, params: Params): Verdict {
    let misbehaviour: Misbehaviour | undefined;
    let delayMs = 0;
    let foreignUse = 0;
    let maxLimit: number | undefined;
    for (const each of this.#live()) {
      const { rule } = each;
      if (isSocketRule(rule) || !fits(rule, path, params)) continue;
      if (rule.behaviour === 'slow') delayMs += rule.delayMs;
      else if (rule.behaviour === 'foreign-use') foreignUse += rule.by;
      else if (rule.behaviour === 'max-limit') maxLimit ??= rule.limit;
      else if (misbehaviour) continue;
      else misbehaviour = rule;
      each.hits += 1;
    }
    return { misbehaviour, delayMs, foreignUse, maxLimit };
  }

  /** Whether the socket at hand shall misbehave so; counts a hit if it shall. */
  strikesSocket(behaviour: SocketRule['behaviour']): boolean {
    const found = this.#live().find(({ rule }) => rule.behaviour === behaviour);
    if (found) found.hits += 1;
    return found !== undefined;
  }

  #live(): { rule: Rule; hits: number }[] {
    return this.#standing.filter(({ rule, hits }) => hits < (rule.times ?? Infinity));
  }
}
