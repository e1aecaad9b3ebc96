// npm run test:coverage: fails when tests reach less than 95 % of the lines of libs/threshold.
import jest from './jest.config.mjs';

const unit = jest.projects.find(({ displayName }) => displayName === 'unit');

export default {
  ...unit,
  roots: ['<rootDir>/libs/threshold'],
  collectCoverage: true,
  coverageProvider: 'v8',
  collectCoverageFrom: ['libs/threshold/src/**/*.ts', '!**/*.d.ts', '!**/testing/**'],
  coverageReporters: ['text', 'text-summary'],
  coverageThreshold: { global: { lines: 95 } },
};
