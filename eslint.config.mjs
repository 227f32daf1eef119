import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import ts from 'typescript-eslint';
import { forTests, walls, wireNames } from './tools/walls.mjs';

/**
 * Lint is for mistakes (typed rules) and for walls (who may import whom: tools/walls.mjs); layout is prettier's.
 * Core rules do the walls, since TypeScript's project references let any workspace package be imported.
 */

const scope = '@glasshouse';
const sources = [
  'apps/*/src/**/*.ts',
  'libs/*/src/**/*.ts',
  'e2e/src/**/*.ts',
  'proof/src/**/*.ts',
];
const tests = ['**/*.spec.ts', '**/testing/**/*.ts', 'e2e/src/**/*.ts', 'proof/src/**/*.ts'];

/**
 * @param {import('./tools/walls.mjs').Wall} wall
 * @returns {['error', Record<string, unknown>]}
 */
const importRules = ({ folder, may, bans = [], remedy }) => {
  const allowed = may.map((name) => `(?!${name}$)`).join('');
  const name = folder.split('/').at(-1);
  const isDoor = folder === 'apps/fetcher';
  const onlyFetcher = may.includes('coinglass-client') && folder.startsWith('apps/') && !isDoor;
  return [
    'error',
    {
      ...(onlyFetcher
        ? {
            paths: [
              {
                name: `${scope}/coinglass-client`,
                importNames: wireNames,
                message: `Only the fetcher reaches the vendor: ${remedy}.`,
              },
            ],
          }
        : {}),
      patterns: [
        {
          regex: `^${scope}/[^/]+/`,
          message: 'Import a library by its name: its index.ts says what is public.',
        },
        {
          regex: `^${scope}/${allowed}[^/]+$`,
          message: `${name} may import ${may.map((lib) => `${scope}/${lib}`).join(', ') || 'no package of ours'}: ${remedy}.`,
        },
        {
          regex:
            '^(\\.\\./)+(apps|libs|e2e|proof|tools)/|^\\.\\.?/(.*/)?src/|/(dist|node_modules)/',
          message: 'Import another package by its name, not by a path into its folder.',
        },
        ...(bans.length === 0 ? [] : [{ group: [...bans], message: `${remedy}.` }]),
      ],
    },
  ];
};

const processEnv = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: "Read the environment in the app's config.ts and hand the value on.",
};
const exportAll = {
  selector: 'ExportAllDeclaration',
  message: 'Name what is public: index.ts is the table of contents.',
};

export default defineConfig(
  {
    ignores: ['**/dist/**', '**/coverage/**', 'var/**', '.nx/**', 'node_modules/**'],
  },
  js.configs.recommended,
  {
    files: sources,
    extends: [ts.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      // Interfaces are asynchronous where one of their implementations is.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      'no-restricted-syntax': ['error', processEnv],
    },
  },
  {
    files: ['libs/*/src/index.ts'],
    rules: { 'no-restricted-syntax': ['error', processEnv, exportAll] },
  },
  { files: ['apps/*/src/config.ts'], rules: { 'no-restricted-syntax': 'off' } },
  {
    // Tests look into answers nobody has typed, hand methods about, and print what is not meant for print.
    files: tests,
    rules: {
      'no-restricted-syntax': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-base-to-string': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  ...walls.flatMap((wall) => [
    {
      files: [`${wall.folder}/src/**/*.ts`],
      rules: { 'no-restricted-imports': importRules(wall) },
    },
    {
      files: tests.map((files) => [`${wall.folder}/src/**/*.ts`, files]),
      rules: {
        'no-restricted-imports': importRules({ ...wall, may: [...wall.may, ...forTests] }),
      },
    },
  ]),
  {
    files: ['**/*.mjs', '**/*.cjs'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          ...[
            'process',
            'console',
            'Buffer',
            'URL',
            'URLSearchParams',
            'AbortController',
            'AbortSignal',
          ],
          ...[
            'setTimeout',
            'clearTimeout',
            'setInterval',
            'clearInterval',
            'setImmediate',
            'structuredClone',
          ],
          ...['performance', 'TextEncoder', 'TextDecoder'],
        ].map((name) => [name, 'readonly']),
      ),
    },
    rules: { 'no-unused-vars': ['error', { argsIgnorePattern: '^_' }] },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: {
      sourceType: 'commonjs',
      globals: { module: 'writable', require: 'readonly', __dirname: 'readonly' },
    },
  },
);
