import { expect, test } from 'vitest';
import { probeProblems } from '../../../src/agent/checks/probe-problems.js';
import { placeProblems } from '../../../src/agent/config/place-problems.js';
import { agentProblems } from '../../../src/agent/config/problems.js';
import { mergeStates } from '../../../src/state/file/merge.js';
import { problemText } from '../../../src/state/file/desired.js';
import { parseYaml } from '../../../src/state/file/parse.js';

/** What is said of files, called a, b …, with places. */
function said(...texts: readonly string[]): readonly string[] {
  const files = texts.map((text, index) => parseYaml(text, { file: 'abc'[index] }));
  const desired = mergeStates(files);
  const problems = [...agentProblems(desired), ...probeProblems(desired)];
  return placeProblems(problems, files).map((one) => `${one.severity} ${problemText(one)}`);
}

const web = (keys: string, servers = '[10.0.0.2:80, 10.0.0.3:80]', service = 'tcp:192.0.2.1:80') =>
  `services:\n  - service: ${service}\n    ${keys}\n    servers: ${servers}\n`;

test('nothing is said of what is right', () => {
  expect(said(web('check: {type: https, serverName: x, source: 10.0.0.1}'))).toEqual([]);
  expect(said(web('sorryServer: 10.0.0.9:80\n    quorum: 2'))).toEqual([]);
  expect(said(web('check: {type: http, port: 8080}', '[10.0.0.2:0]', 'mark:1'))).toEqual([]);
  expect(said('')).toEqual([]);
});

test.each([
  ['quorum: 3', 'warning a:3:13: quorum: 3 servers, but there are 2, so all of them must be up'],
  [
    'hysteresis: 2',
    'warning a:3:17: hysteresis: 3 servers to end the loss of the quorum, but there are 2, so all of them must be up',
  ],
  [
    'sorryServer: 10.0.0.3:80',
    'error a:3:18: sorryServer: 10.0.0.3:80 is a server of this service already; name another one',
  ],
  [
    'check: {type: tcp, source: "2001:db8::1", address: 10.0.0.9}',
    'error a:3:12: source: 10.0.0.9 cannot be asked from 2001:db8::1',
  ],
  [
    'check: [{type: tcp}, {type: smtp, ca: /x}]',
    "warning a:3:26: ca is of no use without 'startTls: true'",
  ],
  [
    'check: {type: tcp, minDaysLeft: 3}',
    "warning a:3:12: minDaysLeft is of no use without 'tls: true'",
  ],
  ['check: {type: https, ca: /nowhere}', 'error a:3:12: cannot read /nowhere: no such file'],
])('%s: %s', (keys, problem) => {
  expect(said(web(keys))).toEqual([problem]);
});

test('a check needs a port, also where a server has none', () => {
  const text = web('check: {type: tcp}', '[10.0.0.2:0, 10.0.0.3:0]', 'mark:1');
  expect(said(text)).toEqual(
    ['10.0.0.2:0', '10.0.0.3:0'].map(
      (server) =>
        `error a:3:12: ${server} has port 0, and a check of type tcp needs one; write 'port' in the check`,
    ),
  );
});

test('what is wrong with the check of a server is told at the server', () => {
  const servers =
    '[{server: 10.0.0.2:80, check: {type: exec, command: [/bin/true], through: path}}]';
  expect(said(web('name: x', servers))).toEqual([
    'error a:4:44: through: a check of type exec cannot go by the path; write server',
  ]);
});

test('NAT reaches no loopback address', () => {
  const rest =
    'the kernel drops what NAT would send to a loopback address; name another address of this machine, or method dr';
  expect(said(web('sorryServer: 127.0.0.1:8080'))).toEqual([
    `warning a:3:18: sorryServer: ${rest}`,
  ]);
  expect(said(web('method: dr\n    sorryServer: 127.0.0.1:80'))).toEqual([]);
  expect(said(web('name: x', '[127.0.0.1:8080]'))).toEqual([`warning a:4:14: servers: ${rest}`]);
});

test('a service by mark has no address to announce', () => {
  expect(said(web('announce: {interface: dummy0}', '[]', 'mark:1'))).toEqual([
    'error a:3:15: announce: a service by mark has no address to announce',
  ]);
  expect(said(web('announce: {interface: dummy0}'))).toEqual([]);
});

test('a check by the path needs a virtual address, a port and an answer', () => {
  const path = (keys: string) => `check: {through: path, ${keys}}`;
  expect(said(web(path('type: http')))).toEqual([]);
  expect(said(web(path('type: udp, send: x, expect: y')))).toEqual([]);
  expect(said(web(path('type: udp, send: x')))).toEqual([
    "error a:3:12: through: a check of type udp needs 'send' and 'expect' to go by the path: a refusal does not come back by it",
  ]);
  expect(said(web(path('type: tcp'), '[10.0.0.2:80]', 'mark:1'))).toEqual([
    "error a:3:12: through: a service by mark has no address to ask by the path; write 'address' and 'port' in the check",
  ]);
  expect(
    said(web(path('type: tcp, address: 192.0.2.1, port: 80'), '[10.0.0.2:0]', 'mark:1')),
  ).toEqual([]);
  expect(said(web(`method: tun\n    ${path('type: tcp')}`, '["[2001:db8::2]:80"]'))).toEqual([
    'error a:4:12: through: 2001:db8::2 cannot be checked by the path of 192.0.2.1: one is IPv4, the other IPv6',
  ]);
});

test('places are those of the file that a service is in', () => {
  const other = web('quorum: 9').replace('192.0.2.1', '192.0.2.2');
  const places = said('', web('quorum: 9'), other);
  expect(places.map((text) => text.split(':').slice(0, 3).join(':'))).toEqual([
    'warning b:3:13',
    'warning c:3:13',
  ]);
});

test('of a check that many servers have, a problem is told once', () => {
  const servers = Array.from({ length: 500 }, (_, index) => `10.0.${index % 2}.${index >> 1}:80`);
  const text = web('check: {type: tcp, expect: "("}', `[${servers.join(', ')}]`);
  expect(said(text)).toHaveLength(1);
});
