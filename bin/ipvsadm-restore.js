#!/usr/bin/env node
'use strict';
// CommonJS: a module costs three milliseconds more at each start. Compiled code is kept for the next one from Node 22.1 on.
require('node:module').enableCompileCache?.();
require('../dist/bin/ipvsadm-restore.cjs');
