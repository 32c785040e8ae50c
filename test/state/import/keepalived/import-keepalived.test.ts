import { describe, expect, test } from 'vitest';
import { formatDestinationId } from '../../../../src/ipvs/model/destination.js';
import { formatServiceId } from '../../../../src/ipvs/model/service.js';
import { importKeepalived } from '../../../../src/state/import/keepalived/import-keepalived.js';
import { importOf } from '../../../support/import-files.js';

/** A virtual server with lines of its own, and of its real server. */
function server(lines = '', ofServer = '', target = '192.0.2.1 80'): string {
  return `virtual_server ${target} {
${lines}
real_server 10.0.0.2 80 {
${ofServer}
}
}
`;
}

async function servicesOf(text: string, files = {}) {
  return (await importOf(importKeepalived, text, files)).state.services;
}

async function notesOf(text: string): Promise<string[]> {
  const { notes } = await importOf(importKeepalived, text);
  return notes.map(({ line, kind, message }) => `${line} ${kind} ${message}`);
}

async function healthOf(text: string) {
  const [service] = await servicesOf(text);
  return service?.health;
}

async function checkOf(lines: string, ofService = 'protocol TCP') {
  return (await healthOf(server(ofService, lines)))?.['check'];
}

const identities = async (text: string) =>
  (await servicesOf(text)).map(({ id }) => formatServiceId(id));
const realServers = async (text: string) =>
  (await servicesOf(text)).map(({ destinations }) =>
    destinations.map(
      ({ id, settings }) => `${formatDestinationId(id)} ${settings.forwardingMethod}`,
    ),
  );

describe('virtual servers', () => {
  test('are UDP where no protocol is named, which is told at the service', async () => {
    const { state, notes } = await importOf(importKeepalived, server());
    expect(state.services.map(({ id }) => formatServiceId(id))).toEqual(['udp:192.0.2.1:80']);
    expect(notes).toMatchObject([{ line: 1, kind: 'info', service: 'udp:192.0.2.1:80' }]);
  });

  test('have wlc and NAT by default, and are for all ports where they name none', async () => {
    const [service] = await servicesOf(server('protocol TCP', '', '192.0.2.1'));
    expect(service?.settings).toMatchObject({
      scheduler: 'wlc',
      persistence: { timeoutSeconds: 360 },
    });
    expect(service?.destinations[0]?.settings.forwardingMethod).toBe('nat');
  });

  test('by mark have the family of their real servers', async () => {
    const text = `virtual_server fwmark 7 {
      real_server 2001:db8::2 80 {
      }
    }`;
    expect(await identities(text)).toEqual(['mark:7/ipv6']);
    expect(await identities(server('', '', 'fwmark 0x10').replace('0x10', '16'))).toEqual([
      'mark:16',
    ]);
  });

  test('of a group become one service for each address and mark', async () => {
    const text = `${server('protocol TCP', '', 'group g')}
    virtual_server_group g {
      192.0.2.9-11 80
      192.0.2.255-192.0.3.0 81
      192.0.2.4/31 82
      fwmark 3
    }`;
    expect(await identities(text)).toEqual([
      ...['tcp:192.0.2.9:80', 'tcp:192.0.2.10:80', 'tcp:192.0.2.11:80'],
      ...['tcp:192.0.2.255:81', 'tcp:192.0.3.0:81', 'tcp:192.0.2.4:82', 'tcp:192.0.2.5:82'],
      'mark:3',
    ]);
  });

  test('are left out without a real server, as keepalived does', async () => {
    const text = 'virtual_server 192.0.2.1 80 {\nprotocol TCP\n}';
    expect(await servicesOf(text)).toEqual([]);
    expect(await notesOf(text)).toEqual([
      '1 lost virtual_server: keepalived leaves it out, as it has no real_server',
    ]);
  });

  test('take their snmp_name as their name', async () => {
    const [service] = await servicesOf(server('protocol TCP\nsnmp_name web'));
    expect(service?.name).toBe('web');
  });
});

describe('real servers', () => {
  test('take method, weight and port from their virtual server', async () => {
    const text = `virtual_server 192.0.2.1 80 {
      protocol TCP
      lb_kind DR
      weight 5
      real_server 10.0.0.2 8080 {
      }
      real_server 10.0.0.3 {
        lvs_method TUN type gue port 6080 csum
        weight 0
      }
      real_server 10.0.0.4 8080 {
        lvs_method NAT
      }
    }`;
    expect(await realServers(text)).toEqual([
      ['10.0.0.2:80 dr', '10.0.0.3:80 tun', '10.0.0.4:8080 nat'],
    ]);
    const [service] = await servicesOf(text);
    expect(service?.destinations.map(({ settings }) => settings.weight)).toEqual([5, 0, 5]);
    expect(service?.destinations[1]?.settings.tunnel).toEqual({
      type: 'gue',
      port: 6080,
      checksum: 'full',
    });
  });

  test('that keepalived does not use are noted', async () => {
    const text = `virtual_server 192.0.2.1 80 {
      protocol TCP
      real_server 10.0.0.2 80 {
      }
      real_server 10.0.0.2 80 {
      }
      real_server 2001:db8::2 80 {
      }
    }`;
    expect(await realServers(text)).toEqual([['10.0.0.2:80 nat']]);
    expect(await notesOf(text)).toMatchObject(
      [/^5 lost .* a second one$/, /^7 lost .* family/].map(
        (pattern) => expect.stringMatching(pattern) as string,
      ),
    );
  });
});

describe('checks', () => {
  test('have the times of keepalived under the names of the agent', async () => {
    expect(await checkOf('TCP_CHECK {\n}')).toEqual({
      type: 'tcp',
      interval: '60s',
      fastInterval: '1s',
      downInterval: '60s',
      timeout: '5s',
      rise: 1,
      fall: 2,
    });
  });

  test('inherit times from the real server and the virtual server', async () => {
    const service = 'protocol TCP\ndelay_loop 6\nretry 3\nconnect_timeout 2.5';
    const check = 'delay_loop 8\nTCP_CHECK {\ndelay_before_retry 2\nconnect_port 81\n}';
    expect(await checkOf(check, service)).toEqual({
      type: 'tcp',
      port: 81,
      interval: '8s',
      fastInterval: '2s',
      downInterval: '8s',
      timeout: '2500ms',
      rise: 1,
      fall: 4,
    });
  });

  test('of HTTP are one for each URL, with the Host that is nearest', async () => {
    const text = `SSL_GET {
      enable_sni
      url {
        path /a
        virtualhost www.example.com
        status_code 200 300-301
        regex "it works"
      }
      url {
        path /b
      }
    }`;
    expect(await checkOf(text, 'protocol TCP\nvirtualhost example.com')).toMatchObject([
      {
        type: 'https',
        path: '/a',
        host: 'www.example.com',
        serverName: 'www.example.com',
        status: [200, '300-301'],
        expectBody: 'it works',
        verify: false,
        fastInterval: '3s',
      },
      { type: 'https', path: '/b', host: 'example.com', status: ['200-299'] },
    ]);
  });

  test.each([
    ['SMTP_CHECK {\nhelo_name mail.example.com\n}', { type: 'smtp', hello: 'mail.example.com' }],
    ['PING_CHECK {\n}', { type: 'ping' }],
    [
      'DNS_CHECK {\ntype A\nname www.example.com\n}',
      { type: 'dns', query: 'www.example.com', recordType: 'A', fall: 4, fastInterval: '60s' },
    ],
    ['DNS_CHECK {\n}', { type: 'dns', query: '.', recordType: 'SOA', code: 'NOERROR' }],
    [
      `MISC_CHECK {\nmisc_path "/bin/check 'a b' \\x41"\nmisc_timeout 9\nuser nobody\n}`,
      { type: 'exec', command: ['/bin/check', 'a b', 'A'], user: 'nobody', timeout: '9s', fall: 1 },
    ],
    [
      'UDP_CHECK {\npayload Ab12f 3\nrequire_reply\n}',
      { type: 'udp', send: { hex: 'ab120f03' }, expect: '' },
    ],
    [
      'TCP_CHECK {\nconnect_ip 10.0.0.9\nbindto 10.0.0.1\n}',
      { type: 'tcp', address: '10.0.0.9', source: '10.0.0.1' },
    ],
  ])('%s', async (text, check) => {
    expect(await checkOf(text)).toMatchObject(check);
  });

  test.each([
    'BFD_CHECK {\nname one\n}',
    'FILE_CHECK {\ntrack_file f\nweight 1\n}',
    'HTTP_GET {\nurl {\npath /\ndigest abc\n}\n}',
    'HTTP_GET {\nhttp_protocol 1.1\nurl {\npath /\n}\n}',
    'UDP_CHECK {\nrequire_reply a1xx\n}',
    'MISC_CHECK {\nmisc_path /bin/true\nmisc_dynamic\n}',
    'TCP_CHECK {\nfwmark 3\n}',
    'TCP_CHECK {\nwarmup 0\n}',
    'TCP_CHECK {\nretry 100000\n}',
    'notify_up /bin/true',
    'smtp_alert',
  ])(
    '%s cannot be expressed, or not all of it, which is noted at the real server',
    async (text) => {
      const { notes } = await importOf(importKeepalived, server('protocol TCP', text));
      expect(notes.filter(({ kind }) => kind === 'lost')).toMatchObject([
        { service: 'tcp:192.0.2.1:80', server: '10.0.0.2:80' },
      ]);
    },
  );

  test('that differ stand at their real servers', async () => {
    const text = `virtual_server 192.0.2.1 80 {
      protocol TCP
      real_server 10.0.0.2 80 {
        TCP_CHECK {
        }
      }
      real_server 10.0.0.3 80 {
      }
    }`;
    const [service] = await servicesOf(text);
    expect(service?.health['check']).toBeUndefined();
    expect(service?.destinations.map(({ health }) => Object.keys(health))).toEqual([['check'], []]);
  });
});

describe('from health to weights', () => {
  const CHECK = 'TCP_CHECK {\n}';

  test('a server that fails is removed, and in before its first check; with alpha and inhibit, not', async () => {
    expect(await healthOf(server('protocol TCP', CHECK))).toMatchObject({
      onFailure: 'remove',
      initial: 'up',
      failOpen: 'never',
    });
    const careful = await healthOf(server('protocol TCP\nalpha\ninhibit_on_failure', CHECK));
    expect(careful).toMatchObject({ onFailure: 'quiet' });
    expect(careful).not.toHaveProperty('initial');
  });

  test('a sorry server has the method of the service, or its own', async () => {
    const text = 'protocol TCP\nlb_kind DR\nsorry_server 127.0.0.1 8080';
    expect(await healthOf(server(text))).toEqual({
      sorryServer: { server: '127.0.0.1:80', method: 'dr' },
    });
    expect(await healthOf(server(`${text}\nsorry_server_lvs_method NAT`))).toEqual({
      sorryServer: { server: '127.0.0.1:8080', method: 'nat' },
    });
  });

  const withWeights = (weights: readonly number[], lines: string) =>
    `virtual_server 192.0.2.1 80 {\nprotocol TCP\n${lines}\n${weights
      .map((weight, index) => `real_server 10.0.0.${index + 2} 80 {\nweight ${weight}\n}\n`)
      .join('')}}`;

  test('a quorum of weights becomes one of servers where the weights are equal', async () => {
    expect(await healthOf(withWeights([5, 5, 5, 5], 'quorum 11'))).toEqual({ quorum: 3 });
    expect(await healthOf(withWeights([1, 1, 1, 1], 'quorum 3\nhysteresis 1'))).toEqual({
      quorum: 2,
      hysteresis: 2,
    });
  });

  test('and a share of the servers where they are not, which is noted', async () => {
    const text = withWeights([1, 3], 'quorum 2');
    expect(await healthOf(text)).toEqual({ quorum: '50%' });
    expect(await notesOf(text)).toMatchObject([expect.stringMatching(/^1 lost quorum 2/)]);
  });
});

describe('global settings', () => {
  test('timeouts and the synchronisation daemons are those of the state', async () => {
    const { state } = await importOf(
      importKeepalived,
      `global_defs {
        lvs_timeouts tcp 900 udp 30
        lvs_sync_daemon eth1 id 3 maxlen 1400 port 9000 ttl 2 group 224.0.0.82
      }`,
    );
    expect(state.timeouts).toEqual({ tcpSeconds: 900, udpSeconds: 30 });
    expect(state.syncDaemons).toMatchObject([
      { state: 'master', interface: 'eth1', syncId: 3, maximumLength: 1400, port: 9000, ttl: 2 },
      { state: 'backup', interface: 'eth1', syncId: 3 },
    ]);
  });

  test('where the daemon follows VRRP, it is said to whom it is to be left', async () => {
    const text = 'global_defs {\nlvs_sync_daemon eth0 VI_1 id 5\n}';
    const { notes } = await importOf(importKeepalived, text);
    expect(notes[0]?.message).toContain(
      'where keepalived goes on with VRRP, delete syncDaemons, as it changes the role',
    );
  });

  test.each([
    'global_defs {\nlvs_flush\n}',
    'global_defs {\nlvs_sync_daemon eth0 VI_1\n}',
    'global_defs {\nnftables_ipvs\n}',
    'global_defs {\nnotification_email {\nroot@example.com\n}\n}',
    'net_namespace blue',
    'vrrp_instance VI_1 {\nvirtual_ipaddress {\n192.0.2.1\n}\n}',
    'SSL {\nca /etc/ssl/ca.pem\n}',
  ])('%s is noted for the whole file', async (text) => {
    const { notes } = await importOf(importKeepalived, text);
    expect(notes).toMatchObject([{ kind: 'lost' }]);
    expect(notes[0]).not.toHaveProperty('service');
  });
});
