import { main } from '../terminal/main.js';
import { run } from './program.js';

void main('ipvsadm-save', (words, io) => run('ipvsadm-save', words, io));
