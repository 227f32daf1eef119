import { createSandbox, type Sandbox, type SandboxOptions } from './sandbox.ts';

/** What came back over the socket. */
export interface Heard {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; undefined when it is no JSON. */
  readonly body: { code?: string; msg?: string; data?: unknown } | undefined;
}

export interface Testbed {
  readonly sandbox: Sandbox;
  /** GET as a client with a good key; `path` with or without `/api/`. */
  get(path: string, params?: Record<string, string>, init?: RequestInit): Promise<Heard>;
  /** The control surface: method, path behind `/__sandbox`, body. Answers the parsed body. */
  control(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
}

/** A sandbox on a free port for one spec, asked over a real socket. The caller closes it. */
export async function startTestbed(options: SandboxOptions = {}): Promise<Testbed> {
  const sandbox = createSandbox(options);
  const url = await sandbox.listen();
  return {
    sandbox,
    async get(path, params = {}, init = {}) {
      const full = path.startsWith('/') ? path : `/api/${path}`;
      const response = await fetch(`${url}${full}?${new URLSearchParams(params).toString()}`, {
        headers: { 'CG-API-KEY': 'sandbox-key' },
        redirect: 'manual',
        ...init,
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, body: parsed(text) };
    },
    async control(method, path, body) {
      const response = await fetch(`${url}/__sandbox${path}`, {
        method,
        ...(body !== undefined && {
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
      });
      return { status: response.status, body: parsed(await response.text()) };
    },
  };
}

function parsed(text: string): Heard['body'] {
  try {
    return JSON.parse(text) as Heard['body'];
  } catch {
    return undefined;
  }
}
