/**
 * The first process of a container: becomes the app that APP names. In the same process, so that the app gets the
 * container's signals itself.
 */
import { setSourceMapsSupport } from 'node:module';
import { appOf, apps } from './apps.mjs';

const app = appOf(process.env);
if (app === undefined) {
  process.stderr.write(`APP must be one of ${Object.keys(apps).join(', ')}.\n`);
  process.exit(1);
}
setSourceMapsSupport(true);
await import(new URL(`../../apps/${app.name}/dist/main.js`, import.meta.url).href);
