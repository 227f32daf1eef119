/**
 * The container's HEALTHCHECK: 0 when the app answers 200 on its own port, else 1.
 */
import { get } from 'node:http';
import { appOf } from './apps.mjs';

const app = appOf(process.env);
if (app === undefined) process.exit(1);
const port = process.env[app.portVariable] || app.port;
get(`http://127.0.0.1:${port}${app.path}`, { agent: false, timeout: 2500 }, ({ statusCode }) =>
  process.exit(statusCode === 200 ? 0 : 1),
)
  .on('timeout', () => process.exit(1))
  .on('error', () => process.exit(1));
