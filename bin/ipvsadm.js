#!/usr/bin/env node
import module from 'node:module';

// Compiled code is kept for the next start (Node 22.1 and later).
module.enableCompileCache?.();
module.createRequire(import.meta.url)('../dist/bin/ipvsadm.cjs');
