/** Told by health and telemetry; the workspace has one version. */
export const version = '0.1.0';
