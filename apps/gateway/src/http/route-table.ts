import type { FastifyInstance } from 'fastify';

/** Which methods a path is served for: what a 405 names in `allow`, and what tells it from a 404. */
export class RouteTable {
  readonly #routes: {
    readonly url: string;
    readonly pattern: RegExp;
    readonly methods: Set<string>;
  }[] = [];

  /** Notes every route that is registered from now on. */
  follow(fastify: FastifyInstance): void {
    fastify.addHook('onRoute', ({ url, method }) => {
      this.add(url, Array.isArray(method) ? method : [method]);
    });
  }

  /** `url` as Fastify writes it. */
  add(url: string, methods: readonly string[]): void {
    const source = url.split('/').map(patternOf).join('/');
    this.#routes.push({ url, pattern: new RegExp(`^${source}$`), methods: new Set(methods) });
  }

  /** As Fastify writes them, for suggestions. */
  get urls(): readonly string[] {
    return [...new Set(this.#routes.map(({ url }) => url))];
  }

  /** In alphabetical order; none where nothing is served. */
  methodsOf(path: string): readonly string[] {
    const methods = this.#routes
      .filter(({ pattern }) => pattern.test(path))
      .flatMap((route) => [...route.methods]);
    return [...new Set(methods)].sort();
  }
}

const patternOf = (part: string): string => {
  if (part === '*') return '.+';
  return part.startsWith(':') ? '[^/]+' : escaped(part);
};

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
