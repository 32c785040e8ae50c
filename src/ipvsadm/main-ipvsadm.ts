import { main } from '../terminal/main.js';
import { run } from './program.js';

void main('ipvsadm', (words, io) => run('ipvsadm', words, io));
