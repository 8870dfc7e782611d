/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/transform.cjs' },
  setupFiles: ['<rootDir>/test/support/property-seed.ts'],
  testEnvironmentOptions: { customExportConditions: ['orrery-source', 'node', 'node-addons'] },
  injectGlobals: false,
  coverageProvider: 'v8',
  testTimeout: 120_000,
  // Jest would leave one of two cores idle.
  maxWorkers: 2,
};
