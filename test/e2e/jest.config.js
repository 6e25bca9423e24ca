/** @type {import('jest').Config} */
module.exports = {
  rootDir: '../..',
  roots: ['<rootDir>/test/e2e'],
  testEnvironment: '<rootDir>/test/support/environment.js',
  transform: { '^.+\\.ts$': ['ts-jest', { isolatedModules: true, diagnostics: false }] },
  globalSetup: '<rootDir>/test/e2e/support/prepare.ts',
  testTimeout: 180_000,
  maxWorkers: 1,
  verbose: true,
};
