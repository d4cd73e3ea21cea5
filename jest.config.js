/** Tests are the .ts files as they are: types blanked out by Node itself, ES modules, nothing compiled. */
export default {
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': './test/stripTypes.js' },
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/data/'],
  testTimeout: 60000,
};
