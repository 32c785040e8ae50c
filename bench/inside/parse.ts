/** Reads a file of rules, and encodes what they ask for: both for the first time in this process. */
import { createReadStream } from 'node:fs';
import { OperationBatch } from '../../src/ipvs/client/requests.js';
import { operationsOf } from '../operations.js';

const began = performance.now();
const operations = await operationsOf(createReadStream(process.argv[2] ?? ''));
const parsed = performance.now();
const batch = new OperationBatch();
for (const operation of operations) batch.add(operation);
const encoded = performance.now();
process.stdout.write(
  JSON.stringify({ parseMs: parsed - began, encodeMs: encoded - parsed, encoded: batch.length }),
);
