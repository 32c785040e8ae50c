import { exitStatus } from '../terminal/exit-status.js';
import { main } from '../terminal/main.js';
import { runIpvs } from './program.js';

void main('ipvs', exitStatus.partly, (words, io) => runIpvs(words, { io, package: undefined }));
