import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { presetNames, presets } from '../scenarios/presets.ts';
import { ruleSchema } from '../scenarios/rule.ts';
import { settingsChangeSchema } from '../settings.ts';
import type { SandboxState } from '../state.ts';
import { endpoints } from '../vendor/endpoints.ts';

const scenariosBody = z.union([
  z.strictObject({ rules: z.array(ruleSchema).max(100) }),
  z.strictObject({ preset: z.enum(presetNames) }),
]);

const clockBody = z.strictObject({
  offsetMs: z
    .int()
    .min(-10 * 366 * 86_400_000)
    .max(10 * 366 * 86_400_000),
});

const arrivalsQuery = z.strictObject({
  since: z.coerce.number().min(0).default(0),
  limit: z.coerce.number().int().min(0).max(100_000).default(1000),
});

/** What is wrong with a control request; every problem at once. */
class BadControl extends Error {
  readonly statusCode = 400;
  constructor(readonly problems: readonly { readonly at: string; readonly message: string }[]) {
    super('The control request is not valid');
  }
}

function parse<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const flat = result.error.issues.flatMap((issue) =>
    issue.code === 'invalid_union' ? issue.errors.flat() : [issue],
  );
  throw new BadControl(flat.map(({ path, message }) => ({ at: path.join('.'), message })));
}

const sourcesOf = (state: SandboxState) => ({
  settings: state.settings,
  clock: { offsetMs: state.clocks.offsetMs, now: new Date(state.clocks.market()).toISOString() },
  scenarios: state.rules.standing.map(({ rule, hits }) => ({ ...rule, hits })),
});

/** `/livez` and `/__sandbox`: how a person or a test looks into the sandbox and sets it. It is not part of the vendor. */
export function registerControl(
  app: FastifyInstance,
  state: SandboxState,
  openSockets: () => number,
): void {
  const scenarios = () => ({ scenarios: sourcesOf(state).scenarios });

  app.get('/livez', () => ({ status: 'ok' }));

  app.get('/__sandbox', () => ({
    what: 'A stand-in for CoinGlass v4. Every figure here is invented: no market data.',
    ...sourcesOf(state),
    acceptedKeys:
      state.onlyKey === undefined ? 'any that begins with "sandbox"' : 'the one configured',
    endpoints: Object.entries(endpoints).map(([path, { from }]) => ({ path, from })),
    stream: { path: '/ws-api?cg-api-key=KEY', open: openSockets() },
    presets: presetNames,
    switches: {
      'GET|PUT|DELETE /__sandbox/scenarios': '{"rules":[{"behaviour":"429-http","times":3}]}',
      'GET|PUT|DELETE /__sandbox/settings': '{"plan":"hobbyist","latencyMs":200}',
      'GET|PUT|DELETE /__sandbox/clock': '{"offsetMs":3600000}',
      'GET|DELETE /__sandbox/arrivals': '?since=<epoch ms>&limit=<newest rows>',
      'DELETE /__sandbox': 'everything as freshly started',
    },
  }));
  app.delete('/__sandbox', (_request, reply: FastifyReply) => {
    state.reset();
    return reply.code(204).send();
  });

  app.get('/__sandbox/scenarios', scenarios);
  app.put('/__sandbox/scenarios', ({ body }) => {
    const asked = parse(scenariosBody, body);
    const rules =
      'preset' in asked ? presets[asked.preset].map((each) => ruleSchema.parse(each)) : asked.rules;
    state.rules.replace(rules);
    return scenarios();
  });
  app.delete('/__sandbox/scenarios', () => {
    state.rules.replace([]);
    return scenarios();
  });

  app.get('/__sandbox/settings', () => state.settings);
  app.put('/__sandbox/settings', ({ body }) => {
    const { plan, limit, windowMs, window, refusal, latencyMs } = parse(settingsChangeSchema, body);
    const was = state.settings;
    state.settings = {
      plan: plan ?? was.plan,
      limit: limit ?? was.limit,
      windowMs: windowMs ?? was.windowMs,
      window: window ?? was.window,
      refusal: refusal ?? was.refusal,
      latencyMs: latencyMs ?? was.latencyMs,
    };
    return state.settings;
  });
  app.delete('/__sandbox/settings', () => {
    state.resetSettings();
    return state.settings;
  });

  const clock = () => sourcesOf(state).clock;
  app.get('/__sandbox/clock', clock);
  app.put('/__sandbox/clock', ({ body }) => {
    state.clocks.offsetMs = parse(clockBody, body).offsetMs;
    return clock();
  });
  app.delete('/__sandbox/clock', () => {
    state.clocks.offsetMs = 0;
    return clock();
  });

  app.get('/__sandbox/arrivals', ({ query }) => {
    const { since, limit } = parse(arrivalsQuery, query);
    const arrivals = state.arrivals.since(since);
    return {
      summary: state.arrivals.summary(state.settings.windowMs, since),
      arrivals: limit === 0 ? [] : arrivals.slice(-limit),
    };
  });
  app.delete('/__sandbox/arrivals', (_request, reply: FastifyReply) => {
    state.arrivals.forget();
    return reply.code(204).send();
  });
}

/** A control failure as JSON with every problem; null when the error is not one. */
export const controlProblems = (error: unknown): BadControl['problems'] | null =>
  error instanceof BadControl ? error.problems : null;
