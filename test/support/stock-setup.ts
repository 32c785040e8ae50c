/** Labs on the kernel that Debian's machines run. */
import { labsOfRun } from './lab-setup.js';

export const { setup, teardown } = labsOfRun({ kernel: 'stock' });
