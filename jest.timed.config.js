import base from './jest.config.js';

/** What is measured by the clock or by processor time, one file at a time so that they do not slow each other: `npm run test:timed`. */
/** @type {import('jest').Config} */
export default { ...base, testMatch: ['**/*.timed.ts'], testTimeout: 300_000, maxWorkers: 1 };
