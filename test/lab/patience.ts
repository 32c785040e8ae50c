/**
 * How long to wait for what comes on a machine that has other work: many times what it takes on one at rest. Only what hangs
 * comes near, and a test's own timeout is longer.
 */
export const PATIENCE_MS = 240_000;
