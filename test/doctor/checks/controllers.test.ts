import { expect, test } from 'vitest';
import { otherController } from '../../../src/doctor/checks/controllers.js';
import { runCheck } from '../../support/doctor-facts.js';
import type { Known } from '../../support/doctor-facts.js';

interface Running {
  readonly name: string;
  readonly words?: string;
  readonly network?: string;
}

/** Processes from 100 on. */
function running(
  processes: readonly Running[],
  files: Readonly<Record<string, string>> = {},
): Known {
  const links: Record<string, string> = { '/proc/self/ns/net': 'net:[1]' };
  const all: Record<string, string> = { ...files };
  for (const [index, { name, words = name, network = 'net:[1]' }] of processes.entries()) {
    all[`/proc/${index + 100}/comm`] = `${name}\n`;
    all[`/proc/${index + 100}/cmdline`] = `${words.replaceAll(' ', '\0')}\0`;
    links[`/proc/${index + 100}/ns/net`] = network;
  }
  return { files: all, links };
}

const fixes = async (...args: Parameters<typeof running>) =>
  (await runCheck(otherController, running(...args))).flatMap(({ fix }) => fix);

test('keepalived is reported once, with the file that it reads', async () => {
  const processes = [{ name: 'keepalived' }, { name: 'keepalived' }, { name: 'bash' }];
  expect(await runCheck(otherController, running(processes))).toEqual([
    {
      evidence: 'keepalived is running (PID 100)',
      fix: ['Edit /etc/keepalived/keepalived.conf.'],
    },
  ]);
  for (const words of [
    'keepalived -D -f /etc/ka.conf',
    'keepalived --use-file=/etc/ka.conf',
    'keepalived -f/etc/ka.conf',
  ]) {
    expect(await fixes([{ name: 'keepalived', words }])).toEqual(['Edit /etc/ka.conf.']);
  }
});

test('keepalived that only moves addresses leaves the table alone', async () => {
  const path = '/proc/100/root/etc/keepalived/keepalived.conf';
  const keepalived = [{ name: 'keepalived' }];
  expect(await fixes(keepalived, { [path]: 'vrrp_instance a {\n# virtual_server\n}\n' })).toEqual(
    [],
  );
  for (const text of ['virtual_server 192.0.2.1 80 {', '  include conf.d/*.conf\n']) {
    expect(await fixes(keepalived, { [path]: text })).toHaveLength(1);
  }
});

test('programs of another network, and other programs, are none', async () => {
  expect(await fixes([{ name: 'ldirectord', network: 'net:[2]' }, { name: 'sshd' }])).toEqual([]);
});

test('ldirectord is reported with its file', async () => {
  const perl = '/usr/bin/perl -w /usr/sbin/ldirectord';
  expect(await fixes([{ name: 'ldirectord', words: `${perl} start` }])).toEqual([
    'Edit /etc/ha.d/ldirectord.cf.',
  ]);
  expect(await fixes([{ name: 'ldirectord', words: `${perl} /etc/web.cf start` }])).toEqual([
    'Edit /etc/web.cf.',
  ]);
});

test('kube-proxy and kube-router are reported only where they balance with IPVS', async () => {
  const cluster = ['Edit the Services of the cluster, with kubectl edit service.'];
  const proxy = (words: string, files = {}) => fixes([{ name: 'kube-proxy', words }], files);
  expect(await proxy('kube-proxy --proxy-mode=ipvs')).toEqual(cluster);
  expect(await proxy('kube-proxy --proxy-mode iptables')).toEqual([]);
  expect(await proxy('kube-proxy')).toEqual([]);
  const config = 'kube-proxy --config=/var/lib/kube-proxy/config.conf';
  const path = '/proc/100/root/var/lib/kube-proxy/config.conf';
  expect(await proxy(config, { [path]: 'kind: KubeProxyConfiguration\nmode: "ipvs"\n' })).toEqual(
    cluster,
  );
  expect(await proxy(config, { [path]: 'mode: ""\n' })).toEqual([]);
  const router = (words: string) => fixes([{ name: 'kube-router', words }]);
  expect(await router('kube-router')).toEqual(cluster);
  expect(await router('kube-router --run-service-proxy=false')).toEqual([]);
});

test('a process that ends while it is looked at, or has no words, is no fault', async () => {
  const files = { '/proc/100/comm': 'keepalived\n', '/proc/101/comm': '' };
  const links = { '/proc/self/ns/net': 'net:[1]', '/proc/100/ns/net': 'net:[1]' };
  expect(await runCheck(otherController, { files, links })).toHaveLength(1);
});
