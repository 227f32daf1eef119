import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * A change to one source file, made while it is loaded; the file itself is not touched.
 * @typedef {object} Patch
 * @property {string} file from the root
 * @property {string} find must be there exactly once
 * @property {string} replace
 */

/** @param {string} path @param {string} text @param {readonly Patch[]} patches */
const patched = (path, text, patches) => {
  for (const { file, find, replace } of patches) {
    if (file !== path) continue;
    const times = text.split(find).length - 1;
    if (times !== 1) throw new Error(`${file}: found ${times} times, not once: ${find}`);
    text = text.replace(find, () => replace);
  }
  return text;
};

/**
 * From here on TypeScript is loaded as it stands, ours by its `@glasshouse/source` export: nothing need be built, and
 * what runs is what is written, but for the patches. Call what is returned to learn which patches no file has met.
 * @param {readonly Patch[]} [patches]
 * @returns {() => readonly Patch[]}
 */
export const loadSources = (patches = []) => {
  const loaded = new Set();
  registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier, { ...context, conditions: [...context.conditions, '@glasshouse/source'] }),
    load: (url, context, next) => {
      if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context);
      const file = fileURLToPath(url);
      const path = relative(root, file).replaceAll('\\', '/');
      loaded.add(path);
      const { code } = transformSync(patched(path, readFileSync(file, 'utf8'), patches), {
        filename: file,
        sourceMaps: 'inline',
        configFile: false,
        swcrc: false,
        jsc: { target: 'es2024', parser: { syntax: 'typescript' } },
        module: { type: 'es6' },
      });
      return { format: 'module', source: code, shortCircuit: true };
    },
  });
  return () => patches.filter(({ file }) => !loaded.has(file));
};
