import { expect, test } from 'vitest';
import { readAgentConfig } from '../../../src/agent/config/read-config.js';
import { pathProblems } from '../../../src/agent/path/path-problems.js';
import { parseState } from '../../../src/state/file/parse.js';
import { fakeMachine } from '../../support/fake-machine.js';

const config = (through: string) =>
  readAgentConfig(
    parseState(`services:
  - {service: 'tcp:192.0.2.1:80', servers: [10.0.0.2:80]}
  - {service: 'tcp:192.0.2.2:80', servers: [10.0.0.2:80], check: {type: tcp, through: ${through}}}`),
  );

test('a check by the path without nft is an error, with what to type', async () => {
  const host = { ...fakeMachine(), run: () => Promise.resolve(undefined) };
  expect(await pathProblems(config('path'), host)).toEqual([
    {
      severity: 'error',
      path: ['services', 1, 'check'],
      message: 'through: path needs the program nft, which is not installed: apt install nftables',
    },
  ]);
  expect(await pathProblems(config('server'), host)).toEqual([]);
  const result = { status: 0, stdout: 'nftables v1.0.6', stderr: '' };
  const able = { ...host, run: () => Promise.resolve(result) };
  expect(await pathProblems(config('path'), able)).toEqual([]);
});
