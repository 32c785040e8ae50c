import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { exitStatus } from '../terminal/exit-status.js';
import { main } from '../terminal/main.js';
import { runIpvs } from './program.js';

// The launcher, which may have been started through a link, is in the package's folder bin.
const launcher = realpathSync(process.argv[1] ?? '');
const folder = join(dirname(launcher), '..');

// Output that cannot be written, and unexpected errors: what was done until then stays.
void main('ipvs', exitStatus.partly, (words, io) =>
  runIpvs(words, { io, package: { folder, node: process.execPath } }),
);
