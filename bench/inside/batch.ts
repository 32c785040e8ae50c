/** In the guest: puts a file of rules into the table as a program does, and says how long it took. */
import { createReadStream } from 'node:fs';
import { IpvsClient } from '../../src/ipvs/client/client.js';
import { operationsOf } from '../operations.js';

const operations = await operationsOf(createReadStream(process.argv[2] ?? ''));
const began = performance.now();
const client = await IpvsClient.open();
const { failures } = await client.batch(operations);
const milliseconds = performance.now() - began;
client.close();
if (failures[0] !== undefined) throw failures[0].error;
process.stdout.write(`${milliseconds}\n`);
