/** One Jest configuration for all projects: sources are read as they are, libraries by their `@glasshouse/source` export. */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/src'],
  testEnvironmentOptions: {
    customExportConditions: ['@glasshouse/source', 'require', 'node', 'node-addons'],
  },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'commonjs' },
      },
    ],
  },
};
