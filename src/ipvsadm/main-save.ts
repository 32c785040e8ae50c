import { main } from './main.js';

void main('ipvsadm-save');
