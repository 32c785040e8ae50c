/** Whether Bun carries out the checks, and not Node: scripts/test-executable.js says so. */
export const isInBun = process.env['IPVS_BUN'] !== undefined;
