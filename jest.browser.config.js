import base from './jest.config.js';

/** What only a real browser can show, one browser at a time: `npm run test:browser`. */
/** @type {import('jest').Config} */
export default { ...base, testMatch: ['**/*.browser.ts'], testTimeout: 300_000, maxWorkers: 1 };
