#!/usr/bin/env node
'use strict';
// CommonJS: a module would cost milliseconds more at each start. Compiled code is kept for the next one (Node 22.1 and
// later), beside this program and not in /tmp: who can write here can change the program anyway.
require('node:module').enableCompileCache?.(`${__dirname}/../.cache`);
require('../dist/bin/ipvs.cjs');
