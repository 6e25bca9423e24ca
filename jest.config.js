/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: '<rootDir>/test/support/environment.js',
  roots: ['<rootDir>/test'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/e2e/'],
  // This one comes as ES modules only, which jest cannot require on Node 20.
  transformIgnorePatterns: ['/node_modules/(?!request-filtering-agent/)'],
  transform: {
    '^.+\\.ts$': ['ts-jest', { diagnostics: false }],
    '/request-filtering-agent/.+\\.js$': [
      'ts-jest',
      { diagnostics: false, tsconfig: { allowJs: true, module: 'commonjs', esModuleInterop: true } },
    ],
  },
  // Loops over pixels look these up each time; handed to every module they run up to eight times faster.
  sandboxInjectedGlobals: [
    'Math',
    'Uint8Array',
    'Uint8ClampedArray',
    'Uint16Array',
    'Int16Array',
    'Uint32Array',
    'Int32Array',
    'Float32Array',
    'Float64Array',
  ],
  // For tests that hang: on a machine that others use, pictures and networks take many times as long.
  testTimeout: 180_000,
  maxWorkers: 2,
};
