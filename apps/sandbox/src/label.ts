/** Stands on every answer of the sandbox, errors and upgrades included, so that its figures pass for nobody's. */
export const sandboxHeader = { name: 'x-glasshouse-sandbox', value: '1' } as const;
