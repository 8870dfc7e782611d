import base from './jest.config.js';

/** Heavy comparisons with theory, papers and outside histories: `npm run validate`. */
/** @type {import('jest').Config} */
export default {
  ...base,
  testMatch: ['**/*.validate.ts'],
  testTimeout: 600_000,
  reporters: ['default', '<rootDir>/test/support/one-table.js'],
};
