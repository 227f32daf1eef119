/**
 * What a container needs to know of the apps: which there are, where each listens, and where it says that it is well.
 * @type {Record<string, { portVariable: string, port: number, path: string }>}
 */
export const apps = {
  gateway: { portVariable: 'GATEWAY_PORT', port: 3000, path: '/readyz' },
  fetcher: { portVariable: 'FETCHER_PORT', port: 3001, path: '/readyz' },
  health: { portVariable: 'HEALTH_PORT', port: 3002, path: '/readyz' },
  sandbox: { portVariable: 'SANDBOX_PORT', port: 3900, path: '/livez' },
};

/** @param {NodeJS.ProcessEnv} env */
export const appOf = (env) => {
  const name = env['APP'] ?? '';
  const app = Object.hasOwn(apps, name) ? apps[name] : undefined;
  return app === undefined ? undefined : { name, ...app };
};
