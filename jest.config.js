/** Tests are the .ts files as they are: types blanked out by Node itself, ES modules, nothing compiled. */
export default {
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': './test/stripTypes.js' },
  runtime: '<rootDir>/test/runtime.cjs',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  globalSetup: '<rootDir>/test/mongodb/setup.ts',
  globalTeardown: '<rootDir>/test/mongodb/teardown.ts',
  testSequencer: '<rootDir>/test/longestFirst.js',
  modulePathIgnorePatterns: ['<rootDir>/data/'],
  workerIdleMemoryLimit: '1500MB', // of heap; a worker above it is replaced between two files
  testTimeout: 300_000, // milliseconds: a busy machine takes its time,
};
