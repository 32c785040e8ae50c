import { defineConfig } from 'vitest/config';
import type { Plugin } from 'vitest/config';
// @ts-expect-error -- a script for Node alone, in JavaScript.
import { pageForTests } from './scripts/page.js';
import { labCpus } from './test/support/lab-cpus.js';
import { TotalsReporter } from './test/support/totals-reporter.js';

/**
 * Only what hangs comes near: a machine may be many times slower than one at rest, and a guest on it more so. With the
 * single executable each command line of a test is a process there.
 */
const TIMEOUT_MS = process.env['IPVS_EXECUTABLE'] === undefined ? 600_000 : 3_000_000;
const PATIENCE = {
  testTimeout: TIMEOUT_MS,
  hookTimeout: TIMEOUT_MS,
  // What is awaited comes late on a machine with other work; vitest's own patience is a second. Projects do not inherit this.
  expect: { poll: { timeout: 240_000 } },
};

/** Projects do not inherit them. */
const plugins = [pageForTests as Plugin];

export default defineConfig({
  test: {
    // As many files at once as there are labs.
    maxWorkers: labCpus().length,
    tags: [
      {
        name: 'long',
        description:
          'Repeats at length what a shorter test covers: `npm test` leaves it to `npm run test:all`.',
      },
    ],
    reporters: ['default', new TotalsReporter()],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      // Started as processes, on a real kernel: the kernel tests see to these.
      // And what runs in a browser: test/page sees to that.
      exclude: ['src/ipvsadm/main-*.ts', 'src/netlink/raw-socket.ts', 'src/agent/page/browser/**'],
      thresholds: { lines: 90 },
    },
    projects: [
      {
        plugins,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [
            'test/system/**',
            'test/kernel/**',
            'test/stock/**',
            'test/page/**',
            'test/package/**',
            'test/executable/**',
            'test/packages/**',
          ],
          ...PATIENCE,
        },
      },
      {
        test: {
          name: 'system',
          include: ['test/system/**/*.test.ts'],
          ...PATIENCE,
        },
      },
      {
        // The agent's page, in a browser.
        plugins,
        test: {
          name: 'page',
          include: ['test/page/**/*.test.ts'],
          ...PATIENCE,
        },
      },
      {
        test: {
          name: 'kernel',
          include: ['test/kernel/**/*.test.ts'],
          globalSetup: ['test/support/lab-setup.ts'],
          // After the others, which would take their time.
          sequence: { groupOrder: 1 },
          ...PATIENCE,
        },
      },
      {
        test: {
          name: 'stock',
          include: ['test/stock/**/*.test.ts', 'test/kernel/**/*.test.ts'],
          globalSetup: ['test/support/stock-setup.ts'],
          env: { IPVS_LAB_KERNEL: 'stock' },
          // An emulated CPU.
          ...PATIENCE,
        },
      },
      {
        test: {
          name: 'executable',
          include: ['test/executable/**/*.test.ts'],
          ...PATIENCE,
        },
      },
      {
        test: {
          // The checks of real servers as the executable carries them out.
          name: 'bun',
          include: ['test/agent/checks/**/*.test.ts'],
          setupFiles: ['test/support/bun/setup.ts'],
          ...PATIENCE,
        },
      },
      {
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          globalSetup: ['test/support/lab-setup.ts'],
          ...PATIENCE,
        },
      },
      {
        test: {
          name: 'packages',
          include: ['test/packages/**/*.test.ts'],
          ...PATIENCE,
        },
      },
    ],
  },
});
