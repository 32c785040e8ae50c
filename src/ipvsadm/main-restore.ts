import { main } from '../terminal/main.js';
import { run } from './program.js';

void main('ipvsadm-restore', (words, io) => run('ipvsadm-restore', words, io));
