import { main } from '../terminal/main.js';
import { compatibleStatus } from './exit-status.js';
import { run } from './program.js';

void main('ipvsadm-restore', compatibleStatus.failed, (words, io) =>
  run('ipvsadm-restore', words, io),
);
