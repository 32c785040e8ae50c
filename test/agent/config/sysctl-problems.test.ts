import { expect, test } from 'vitest';
import { readAgentConfig } from '../../../src/agent/config/read-config.js';
import { sysctlProblems } from '../../../src/agent/config/sysctl-problems.js';
import { parseState } from '../../../src/state/file/parse.js';

const said = (keys: string, templates: number | undefined, nodest: number | undefined) => {
  const text = `services:\n  - service: tcp:192.0.2.1:80\n    servers: [10.0.0.2:80]\n    ${keys}`;
  const sysctls = { expireQuiescentTemplate: templates, expireNodestConn: nodest };
  return sysctlProblems(readAgentConfig(parseState(text)), sysctls).map((one) => one.message);
};
const CHECK = 'check: {type: tcp}';
const PERSISTENT = `persistence: 300\n    ${CHECK}`;

test('clients of a removed server wait where expire_nodest_conn is 0', () => {
  const message =
    'onFailure: remove: clients of a server that was removed wait until their connections time out, because net.ipv4.vs.expire_nodest_conn is 0; to let them go to another server: sysctl -w net.ipv4.vs.expire_nodest_conn=1';
  expect(said(`onFailure: remove\n    ${CHECK}`, 0, 0)).toEqual([message]);
  expect(said(`onFailure: remove\n    ${CHECK}`, 0, 1)).toEqual([]);
  expect(said('onFailure: remove', 0, 0)).toEqual([]);
});

test('persistent clients of a quiet server stay where expire_quiescent_template is 0', () => {
  const message =
    'onFailure: quiet: persistent clients of a server that fails stay on it, because net.ipv4.vs.expire_quiescent_template is 0; to let them go to another server: sysctl -w net.ipv4.vs.expire_quiescent_template=1';
  expect(said(PERSISTENT, 0, 0)).toEqual([message]);
  expect(said(PERSISTENT, 1, 0)).toEqual([]);
  expect(said(CHECK, 0, 0)).toEqual([]);
});

test('nothing is said where the kernel tells nothing', () => {
  expect(said(PERSISTENT, undefined, undefined)).toEqual([]);
  expect(said(`onFailure: remove\n    ${CHECK}`, undefined, undefined)).toEqual([]);
});
