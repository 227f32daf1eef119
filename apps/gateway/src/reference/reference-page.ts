import type { JsonSchema, OpenApi, Operation, Parameter } from './openapi.ts';

const escaped = (value: unknown): string =>
  String(value).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** What a parameter may be, in a few words. */
const allowedOf = ({ schema }: Parameter): string => {
  const { enum: values, minimum, maximum, type } = schema;
  if (Array.isArray(values)) return values.join(' · ');
  if (minimum !== undefined || maximum !== undefined)
    return `${String(minimum)} to ${String(maximum)}`;
  return type === 'integer' || type === 'number' ? String(type) : '';
};

const row = (parameter: Parameter): string => `<tr>
<td><code>${escaped(parameter.name)}</code>${parameter.in === 'query' ? '' : ` <small>${parameter.in}</small>`}</td>
<td>${parameter.required ? 'needed' : escaped(parameter.schema['default'] ?? '')}</td>
<td>${escaped(parameter.description ?? '')} <small>${escaped(allowedOf(parameter))}</small></td></tr>`;

const exampleOf = (
  origin: string,
  { method, path, operation: { parameters, tags, requestBody } }: Served,
): string => {
  const needed = parameters.filter(({ required, in: place }) => required && place === 'query');
  const examples: Readonly<Record<string, string>> = {
    exchange: 'OKX',
    symbol: parameters.some(({ name }) => name === 'exchange') ? 'SOL-USDT-SWAP' : 'SOL',
    interval: '4h',
    exchange_list: 'Binance,OKX',
    range: '3d',
  };
  const query = needed.map(({ name }) => `${name}=${examples[name] ?? ''}`).join('&');
  const key = tags.includes('drop-in') ? " -H 'CG-API-KEY: your-team-key'" : '';
  const verb = method === 'get' || requestBody ? '' : ` -X ${method.toUpperCase()}`;
  const body = requestBody ? ` \\\n  --json '${orderExample}'` : '';
  return `curl${verb}${key} '${origin}${path.replace('{coin}', 'SOL')}${query && `?${query}`}'${body}`;
};

const orderExample = JSON.stringify({
  endpoint: 'futures/funding-rate/history',
  instrument: { exchange: 'OKX', coin: 'SOL' },
  interval: '4h',
});

const section = (origin: string, served: Served): string => `<details>
<summary><code>${served.method.toUpperCase()} ${escaped(served.path)}</code><span>${escaped(served.operation.summary)}</span></summary>
${tableOf(served.operation)}
<pre>${escaped(exampleOf(origin, served))}</pre></details>`;

/** The members of a body, as rows beside the parameters. */
const bodyMembers = ({ requestBody }: Operation): Parameter[] => {
  const content = requestBody?.['content'] as Record<string, { schema: JsonSchema }> | undefined;
  const { properties = {}, required = [] } = content?.['application/json']?.schema ?? {};
  return Object.entries(properties as Record<string, JsonSchema>).map(([name, schema]) => ({
    name,
    in: 'body',
    required: (required as readonly string[]).includes(name),
    ...(typeof schema['description'] === 'string' && { description: schema['description'] }),
    schema: name === 'interval' || name === 'strict' ? schema : {},
  }));
};

const tableOf = (operation: Operation): string => {
  const parameters = [...operation.parameters, ...bodyMembers(operation)];
  return parameters.length === 0
    ? ''
    : `<table><thead><tr><th>parameter</th><th>default</th><th></th></tr></thead><tbody>
${parameters.map(row).join('\n')}</tbody></table>`;
};

interface Served {
  readonly method: (typeof methods)[number];
  readonly path: string;
  readonly operation: Operation;
}

const methods = ['post', 'get', 'put', 'delete'] as const;

const face = (api: OpenApi, origin: string, tag: string): string =>
  Object.entries(api.paths)
    .flatMap(([path, item]) => methods.map((method) => ({ method, path, operation: item[method] })))
    .filter((served): served is Served => served.operation?.tags.includes(tag) ?? false)
    .map((served) => section(origin, served))
    .join('\n');

/** The reference as one page without scripts, made from the OpenAPI document; `origin` is where its reader found it. */
export const referencePage = (api: OpenApi, origin: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Glasshouse reference</title><style>
:root{color-scheme:light dark;--line:color-mix(in srgb,currentColor 15%,transparent);--soft:color-mix(in srgb,currentColor 60%,transparent)}
body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem}
h1{margin:0}h2{margin:2.5rem 0 .5rem}p{color:var(--soft);margin:.25rem 0}
details{border-top:1px solid var(--line)}summary{cursor:pointer;padding:.6rem 0;display:flex;gap:1rem;flex-wrap:wrap;align-items:baseline}
summary span,small{color:var(--soft)}code,pre{font:14px/1.5 ui-monospace,monospace}
table{width:100%;border-collapse:collapse;margin-bottom:.5rem}td,th{text-align:left;padding:.25rem .75rem .25rem 0;vertical-align:top;border-top:1px solid var(--line)}
th{font-weight:500;color:var(--soft);border:0}pre{background:var(--line);padding:.75rem;border-radius:.4rem;overflow-x:auto}
</style></head><body>
<h1>Glasshouse</h1><p>CoinGlass v4 through one key and one limit. Every answer says where it comes from and what was changed. Version ${escaped(api.info['version'])} ·
<a href="/openapi.json">OpenAPI 3.1</a> · <a href="/health">health</a></p>
<h2>House face</h2><p>Coins instead of instrument ids, numbers as numbers, an interval that is refused is widened and said in <code>meta.fallback</code>.</p>
${face(api, origin, 'house')}
<h2>Drop-in face</h2><p>The vendor's own paths, parameters and bytes: existing CoinGlass clients change their base URL.</p>
${face(api, origin, 'drop-in')}
<h2>Jobs</h2><p>For what nobody waits for: a fetch job runs on spare quota, its answer is read later. A job belongs to the team of the key.</p>
${face(api, origin, 'jobs')}
<h2>Teams</h2><p>Where keys are asked for, each request brings one: <code>Authorization: Bearer gh_…</code> or <code>CG-API-KEY: gh_…</code>.</p>
${face(api, origin, 'teams')}
</body></html>`;
