import { expect, test } from 'vitest';
import { perform } from '../../src/setup/perform.js';
import { Session } from '../../src/terminal/session.js';
import { noNames } from '../support/command.js';
import { setupScene } from '../support/setup-scene.js';
import type { SetupScene } from '../support/setup-scene.js';

const service = { firewallMark: 7 };
const server = (address: string) => ({ service, destination: { address, port: 0 } });
const FORWARD = { setting: 'net/ipv4/ip_forward', value: '1' };
const ADDRESS = {
  program: 'ip',
  words: ['address', 'add', '192.0.2.9/32', 'dev', 'eth0'],
} as const;

function sessionOf({ kernel }: SetupScene): Session {
  const sink = { write: () => undefined };
  const stdin = { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error()) }) };
  return new Session({ stdin, stdout: sink, stderr: sink, resolver: noNames }, kernel);
}

test('commands are carried out in the order they are given', async () => {
  const context = setupScene();
  const session = sessionOf(context);
  await perform(context.host, session, [
    { operation: { type: 'addService', service } },
    FORWARD,
    { operation: { type: 'addDestination', ...server('10.0.0.2') } },
    ADDRESS,
    { program: 'ipvsadm', words: ['--set', '1', '2', '3'] },
  ]);
  await session.close();
  expect(context.performed).toEqual([
    'NEW_SERVICE',
    'write /proc/sys/net/ipv4/ip_forward',
    'NEW_DEST',
    'address add 192.0.2.9/32 dev eth0',
    'SET_CONFIG',
  ]);
});

test('changes of the table that follow each other are sent with the deletions last', async () => {
  const context = setupScene([
    { service, destinations: [{ destination: { address: '10.0.0.2', port: 0 } }] },
  ]);
  const session = sessionOf(context);
  await perform(context.host, session, [
    { operation: { type: 'deleteDestination', ...server('10.0.0.2') } },
    { operation: { type: 'addDestination', ...server('10.0.0.3') } },
  ]);
  await session.close();
  expect(context.performed).toEqual(['NEW_DEST', 'DEL_DEST']);
});

test('the command that the kernel refuses is named as one would type it', async () => {
  const context = setupScene([{ service }]);
  const session = sessionOf(context);
  const refused = perform(context.host, session, [
    { operation: { type: 'addDestination', ...server('10.0.0.2') } },
    { operation: { type: 'replaceDestination', ...server('10.0.0.3') } },
  ]);
  await expect(refused).rejects.toThrow(
    'ipvsadm -e -f 7 -r 10.0.0.3:0 -g -w 1: cannot replace the settings of the real server 10.0.0.3:0 ' +
      'of the service mark:7: the service has no such real server (ENOENT)',
  );
  await session.close();
});
